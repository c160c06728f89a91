import type { Finding } from '../finding.ts';
import { finding } from '../finding.ts';
import type { Native } from '../native.ts';
import type { CheckContext } from './context.ts';
import { quoted } from './context.ts';

/** Libraries of Windows 11 on Arm that programs link with; not all of System32, so others are told as unknown, not as missing. */
const systemLibraries = new Set(`advapi32 activeds authz avicap32 avifil32 avrt bcrypt bcryptprimitives bluetoothapis cabinet cfgmgr32 cldapi combase comctl32
comdlg32 credui crypt32 cryptbase cryptnet cryptui d2d1 d3d10 d3d10_1 d3d11 d3d12 d3d9 d3dcompiler_47 davclnt dbgeng dbghelp dcomp ddraw dhcpcsvc dhcpcsvc6 dinput8
directml dnsapi dsound dwmapi dwrite dxcore dxgi dxva2 evr fltlib gdi32 gdi32full gdiplus glu32 hid httpapi icu icuin icuuc imagehlp imm32 iphlpapi kernel32 kernelbase
ktmw32 logoncli mf mfplat mfreadwrite mpr mprapi msacm32 mscms mscoree msdmo msi msimg32 mstask msvcrt msvfw32 mswsock ncrypt netapi32 netutils newdev ninput normaliz ntdll
ntdsapi odbc32 odbccp32 ole32 oleacc oleaut32 oledlg opengl32 pdh powrprof propsys psapi quartz rasapi32 rpcrt4 rstrtmgr samcli schannel secur32 sensapi setupapi sfc shcore
shell32 shlwapi slc srvcli sspicli tdh ucrtbase urlmon user32 userenv usp10 uxtheme version virtdisk wer wevtapi winbio wincodecs windowscodecs winhttp wininet winmm
winscard winspool.drv winsta wintrust winusb wkscli wlanapi wldap32 wpcap ws2_32 wsnmp32 wsock32 wtsapi32 xinput1_4 xinput9_1_0 xmllite`.split(/\s+/));

/** Comes with Python: python3.dll, python312.dll and the run-time library of Visual C, without its C++ part. */
const comesWithPython = /^(python\d*t?(_d)?|vcruntime140(_1)?)$/;
/** A set of names that Windows itself resolves. */
const apiSet = /^(api|ext)-ms-/;

export function checkWindows({ path, images }: Native, context: CheckContext): readonly Finding[] {
  const [pe] = images;
  if (pe?.format !== 'pe' || context.tags === undefined) return [];
  const isProvided = (library: string): boolean => {
    const name = library.toLowerCase();
    const stem = name.replace(/\.dll$/, '');
    return context.libraries.has(name) || systemLibraries.has(stem) || comesWithPython.test(stem) || apiSet.test(stem);
  };
  const missing = pe.imports.filter(({ library }) => !isProvided(library)).map(({ library, delayed }) => (delayed ? `${library} (when first used)` : library));
  const runtime = missing.filter((name) => /^(msvcp|concrt|vcomp|vccorlib|mfc)\d+/i.test(name));
  const others = missing.filter((name) => !runtime.includes(name));
  return [
    ...(runtime.length > 0 ? [finding('missing-library', path, `imports ${quoted(runtime)} of the Visual C++ redistributable, which is not part of Windows and not in the wheel`)] : []),
    ...(others.length > 0 ? [finding('unknown-library', path, `imports ${quoted(others)}; not in the wheel, and not known as part of Windows`)] : []),
  ];
}
