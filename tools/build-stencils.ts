/** What continuous integration calls; people type `armature stencils build`, which takes the same options. */
import { stencils } from '#cli/commands/stencils.ts';

process.exitCode = await stencils(['build', ...process.argv.slice(2)]);
