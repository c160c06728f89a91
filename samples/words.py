"""Makes up a text, then counts its words, its letters and the words that follow each other."""


def make_text(length):
    starts = ["ba", "de", "fi", "go", "ku", "la", "me", "ni", "po", "ru", "sa", "te"]
    ends = ["n", "r", "s", "lo", "mi", "ta", ""]
    state = 12345
    words = []
    for _ in range(length):
        state = (state * 1103515245 + 12345) % 2147483648
        word = starts[state // 7 % 12] + ends[state // 1009 % 7]
        if state // 65536 % 3 == 0:
            word = starts[state // 131 % 12] + word
        words.append(word.capitalize() if len(words) % 12 == 0 else word)
    return " ".join(words)


def count_words(text):
    counts = {}
    for word in text.split():
        word = word.lower()
        counts[word] = counts.get(word, 0) + 1
    return counts


def count_letters(text):
    counts = {}
    for letter in text:
        if letter.isalpha():
            counts[letter] = counts.get(letter, 0) + 1
    return counts


def count_pairs(text):
    counts = {}
    previous = ""
    for word in text.lower().split():
        pair = (previous, word)
        if pair in counts:
            counts[pair] += 1
        else:
            counts[pair] = 1
        previous = word
    return counts


def commonest(counts):
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:5]


text = make_text(800_000)
for title, counts in [("words", count_words(text)), ("letters", count_letters(text)), ("pairs", count_pairs(text))]:
    print(f"{len(counts)} different {title}; the commonest:")
    for key, count in commonest(counts):
        print(f"  {count:8} {key if isinstance(key, str) else ' '.join(key)}")
