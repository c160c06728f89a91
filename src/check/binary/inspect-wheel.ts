import type { ZipMember } from './archive/directory.ts';
import { readDirectory } from './archive/directory.ts';
import { memberHead, openMember } from './archive/member.ts';
import type { WheelTags } from './archive/wheel-name.ts';
import { parseWheelName } from './archive/wheel-name.ts';
import type { ByteSource } from './bytes/source.ts';
import { Unreadable } from './bytes/unreadable.ts';
import { checkNative, libraryNames } from './checks/all.ts';
import type { Finding } from './finding.ts';
import { finding } from './finding.ts';
import { formatOf } from './images/read.ts';
import type { InspectOptions } from './inspect.ts';
import type { Native } from './native.ts';
import { readNative } from './native.ts';
import type { SubjectReport } from './report.ts';

const headSize = 64;
/** Not worth a request each, when the wheel is far away. */
const isText = /\.(?:pyi?|pyx|pxd|txt|md|rst|json|toml|ya?ml|cfg|ini|html?|css|js|map|svg|h|hpp|hh|c|cc|cpp|cu|cuh|cmake|pc|csv|mo|po|npy|npz|ttf|png|jpe?g|gif|pem)$|\.dist-info\//i;

export async function inspectWheel(subject: string, file: string, source: ByteSource, options: InspectOptions): Promise<SubjectReport> {
  const tags = parseWheelName(file);
  const tag = tags === undefined ? undefined : `${tags.pythons.join('.')}-${tags.abis.join('.')}-${tags.platforms.map((platform) => platform.tag).join('.')}`;
  const findings: Finding[] = tags === undefined ? [finding('wheel-name', undefined, `${file} is not of the form NAME-VERSION-PYTHON-ABI-PLATFORM.whl`)] : checkTags(tags);
  const natives: Native[] = [];
  const members = await readDirectory(source);
  for (const [index, member] of members.entries()) {
    options.progress?.(`${file}: ${index + 1}/${members.length} ${member.name}`);
    try {
      const native = await inspectMember(source, member, options);
      if (native !== undefined) natives.push(native);
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      findings.push(finding('unreadable', member.name, error.message));
    }
  }
  const context = { tags, cpus: options.cpus, libraries: libraryNames(members.map(({ name }) => name), natives) };
  return { subject, kind: 'wheel', tag, natives, findings: [...findings, ...natives.flatMap((native) => checkNative(native, context))] };
}

async function inspectMember(source: ByteSource, member: ZipMember, options: InspectOptions): Promise<Native | undefined> {
  if (member.directory || member.size < headSize || (source.remote === true && isText.test(member.name))) return undefined;
  const format = formatOf(await memberHead(source, member, headSize));
  if (format === undefined) return undefined;
  const content = await openMember(source, member);
  try {
    return await readNative(member.name, content, format, options);
  } finally {
    await content.close();
  }
}

function checkTags(tags: WheelTags): Finding[] {
  const never = tags.platforms.filter(({ machines, macos }) => macos !== undefined && macos.major < 11 && machines.length === 1 && machines[0] === 'aarch64');
  return never.map(({ tag }) => finding('tag-never-matches', undefined, `${tag}: no macOS before 11 runs on Arm, and installers do not look for it`));
}
