/** Small functions in machine-level IR: the corpus of `armature stencils ablate` and of the emitter's tests. Each leaves with its result on the stack. */

const sum = `function "sum" {
block0():
  v0:int = const.int 0
  v1:int = const.int 1000
  jump block1(v0, v0)
block1(v2:int, v3:int) loop:
  compare_branch int.lt v2, v1, block2(), block3()
block2():
  v4:int = int.add v3, v2 @0:10 locals(v2, v3)
  v5:int = int.add_imm v2, 1 @0:12 locals(v2, v4)
  jump block1(v5, v4)
block3():
  exit return "return" @0:20 locals(v2) stack(v3)
}`;

const overflow = `function "overflow" {
block0():
  v0:int = const.int 1
  v1:int = const.int 3
  jump block1(v0)
block1(v2:int) loop:
  v3:int = int.mul v2, v1 @0:10 locals(v2) stack(v2, v1)
  jump block1(v3)
}`;

const gcd = `function "gcd" {
block0():
  v0:int = const.int 1071000007
  v1:int = const.int 462000000
  v9:int = const.int 0
  jump block1(v0, v1)
block1(v2:int, v3:int) loop:
  v4:bool = int.eq v3, v9
  branch v4, block3(), block2()
block2():
  v5:int = int.mod v2, v3 @0:10 locals(v2, v3)
  jump block1(v3, v5)
block3():
  exit return "return" @0:20 locals(v3) stack(v2)
}`;

const collatz = `function "collatz" {
block0():
  v0:int = const.int 27
  v1:int = const.int 0
  v2:int = const.int 1
  jump block1(v0, v1)
block1(v3:int, v4:int) loop:
  compare_branch int.ne v3, v2, block2(), block6()
block2():
  v5:int = int.and_imm v3, 1
  compare_branch int.eq v5, v1, block3(), block4()
block3():
  v6:int = int.shr_imm v3, 1
  jump block5(v6)
block4():
  v7:int = int.mul_imm v3, 3 @0:10 locals(v3, v4)
  v8:int = int.add_imm v7, 1 @0:12 locals(v3, v4) stack(v7)
  jump block5(v8)
block5(v9:int):
  v10:int = int.add_imm v4, 1 @0:14 locals(v9, v4)
  jump block1(v9, v10)
block6():
  exit return "return" @0:20 locals(v3) stack(v4)
}`;

const series = `function "series" {
block0():
  v0:float = const.float 0
  v1:float = const.float 1.5
  v2:int = const.int 0
  v3:int = const.int 500
  v4:float = const.float -0.25
  jump block1(v2, v0, v1)
block1(v5:int, v6:float, v7:float) loop:
  compare_branch int.ge v5, v3, block4(), block2()
block2():
  v8:float = int.to_float v5
  v9:float = float.add v8, v1
  v10:float = float.div v7, v9 @0:10 locals(v5, v6, v7) stack(v7, v9)
  v11:float = float.add v6, v10
  v12:float = float.mul v7, v4
  v13:float = float.neg v12
  compare_branch float.gt v13, v0, block3(), block5()
block3():
  v14:float = float.add v13, v1
  jump block6(v14)
block5():
  v15:float = float.sub v13, v1
  jump block6(v15)
block6(v16:float):
  v17:int = int.add_imm v5, 1 @0:14 locals(v5, v11, v16)
  jump block1(v17, v11, v16)
block4():
  exit return "return" @0:20 locals(v5, v7) stack(v6)
}`;

/** Rotates values around a loop: the edges are cycles of moves. */
const rotate = `function "rotate" {
block0():
  v0:int = const.int 0
  v1:int = const.int 1
  v2:int = const.int 2
  v3:int = const.int 3
  v4:float = const.float 0.5
  v5:float = const.float 1.5
  v6:int = const.int 101
  jump block1(v0, v0, v1, v2, v3, v4, v5)
block1(v10:int, v11:int, v12:int, v13:int, v14:int, v15:float, v16:float) loop:
  compare_branch int.lt v10, v6, block2(), block3()
block2():
  v17:int = int.add_imm v10, 1 @0:10 locals(v10, v11, v12, v13, v14, v15, v16)
  v18:int = int.add_wrap v13, v11
  jump block1(v17, v12, v18, v14, v11, v16, v15)
block3():
  exit return "return" @0:20 locals(v10, v15, v16) stack(v11, v12, v13, v14)
}`;

/** The inner loop goes on with the outer one by a conditional edge of its own. */
const nested = `function "nested" {
block0():
  v0:int = const.int 0
  v1:int = const.int 7
  v2:int = const.int 5
  jump block1(v0, v0)
block1(v3:int, v4:int) loop:
  compare_branch int.lt v3, v1, block2(), block5()
block2():
  v5:int = int.add_imm v3, 1 @0:10 locals(v3, v4)
  jump block3(v0, v4)
block3(v6:int, v7:int) loop:
  v8:int = int.add v7, v6 @0:12 locals(v5, v7) stack(v6)
  v9:int = int.add_imm v6, 1 @0:14 locals(v5, v8) stack(v6)
  compare_branch int.gt v9, v5, block1(v5, v8), block4()
block4():
  compare_branch int.lt v9, v2, block3(v9, v8), block1(v5, v9)
block5():
  exit return "return" @0:20 locals(v3) stack(v4)
}`;

/** Values live across C calls, which destroy most registers. */
const calls = `function "calls" {
block0():
  v0:float = const.float 0
  v1:float = const.float 3
  v2:float = const.float 100.25
  v3:int = const.int 0
  v4:int = const.int 40
  v5:int = const.int 7
  v6:int = const.int 9
  v7:int = const.int 11
  v8:int = const.int 13
  jump block1(v3, v0, v2, v5, v6, v7, v8)
block1(v10:int, v11:float, v12:float, v13:int, v14:int, v15:int, v16:int) loop:
  compare_branch int.lt v10, v4, block2(), block3()
block2():
  v20:float = float.mod v12, v1 @0:10 locals(v10, v11, v12, v13, v14) stack(v12, v1)
  v21:float = float.add v11, v20
  v22:float = float.floordiv v21, v1 @0:12 locals(v10, v11, v12, v15, v16) stack(v20)
  v23:float = float.sub v12, v22
  v24:int = int.add_wrap v13, v16
  v25:int = int.xor v14, v13
  v26:int = int.add_wrap v15, v25
  v27:int = int.sub_wrap v16, v26
  v28:int = int.add_imm v10, 1 @0:14 locals(v10, v21, v22, v23) stack(v13, v14, v15, v16)
  jump block1(v28, v21, v23, v24, v25, v26, v27)
block3():
  exit return "return" @0:20 locals(v10, v12, v13, v14, v15, v16) stack(v11)
}`;

/** More values alive at once than there are registers, in both banks. */
function pressure(count: number): string {
  const all = Array.from({ length: count }, (_, i) => i);
  const lines = ['function "pressure" {', 'block0():', '  v0:int = const.int 0', '  v1:int = const.int 30', '  v2:float = const.float 0.5'];
  for (const i of all) lines.push(`  v${100 + i}:int = const.int ${i * i + 1}`, `  v${200 + i}:float = const.float ${i + 0.125}`);
  const at = (base: number): string => all.map((i) => `v${base + i}`).join(', ');
  lines.push(`  jump block1(v0, ${at(100)}, ${at(200)})`);
  lines.push(`block1(v3:int, ${all.map((i) => `v${300 + i}:int`).join(', ')}, ${all.map((i) => `v${400 + i}:float`).join(', ')}) loop:`);
  lines.push('  compare_branch int.lt v3, v1, block2(), block3()', 'block2():');
  for (const i of all) {
    lines.push(`  v${500 + i}:int = int.add_wrap v${300 + i}, v${300 + ((i * 7 + 3) % count)}`);
    lines.push(`  v${600 + i}:float = float.add v${400 + i}, v${400 + ((i * 5 + 2) % count)}`);
    lines.push(`  v${700 + i}:float = float.mul v${600 + i}, v2`);
  }
  lines.push(`  v4:int = int.add_imm v3, 1 @0:14 locals(v3, ${at(300)}) stack(${at(700)}, ${at(500)})`);
  lines.push(`  jump block1(v4, ${at(500)}, ${at(700)})`, 'block3():');
  lines.push(`  exit return "return" @0:20 locals(${at(300)}) stack(${at(400)})`, '}');
  return lines.join('\n');
}

export const kernels: ReadonlyMap<string, string> = new Map([
  ['sum', sum], ['overflow', overflow], ['gcd', gcd], ['collatz', collatz], ['series', series], ['rotate', rotate], ['nested', nested], ['calls', calls],
  ['pressure of 6', pressure(6)], ['pressure of 20', pressure(20)],
]);
