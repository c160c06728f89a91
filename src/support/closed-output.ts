/**
 * Whoever reads our output may have enough of it (`| head`). What follows is then written to nobody, and the work is brought to its end: files, locks and
 * servers are left in order. Not for verbs whose program inherits the output: to open the stream here would change it for the program too.
 */
export function goOnWithoutReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}
