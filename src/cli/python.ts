import { existsSync } from 'node:fs';

/** The interpreter asked for; a command with arguments (an emulator, say) may be given as one string. */
export function pythonCommand(option: string | undefined, environment: NodeJS.ProcessEnv = process.env): readonly string[] {
  const asked = option ?? environment['ARMATURE_PYTHON'] ?? '';
  if (asked === '') return ['python3'];
  if (!asked.includes(' ') || existsSync(asked)) return [asked];
  return asked.split(/ +/);
}

