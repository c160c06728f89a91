"""As benchmarks of pyperformance are written: options of its own, metadata, a class made from Runner, and a result that is used in the end."""
import pyperf


class SmallRunner(pyperf.Runner):
    pass


def add_cmdline_args(cmd, args):
    cmd.extend(("--size", str(args.size), args.benchmark))


def bench(loops, size):
    repeat = range(loops)
    begin = pyperf.perf_counter()
    for _ in repeat:
        sum(range(size))
        sum(range(size))
    return pyperf.perf_counter() - begin


if __name__ == "__main__":
    runner = SmallRunner(values=4, min_time=0.0002, add_cmdline_args=add_cmdline_args, metadata={"verified": True})
    runner.metadata["description"] = "Sums."
    runner.argparser.add_argument("--size", type=int, default=10)
    runner.argparser.add_argument("benchmark", choices=["sums", "other"])
    options = runner.parse_args()
    result = runner.bench_time_func("%s_%d" % (options.benchmark, options.size), bench, options.size, inner_loops=2, metadata={"own": 1})
    print(result.get_name())
