/**
 * Records the histories that the replay test replays: `npm run record-histories`. Run it when a change of the workflows is
 * meant to break old histories (before the first release), and commit the files with the change. After a release the
 * recorded files stay, and new ones are added beside them.
 *
 * What is recorded needs the tests' servers, so it runs under their runner, with their configuration.
 */
import { startVitest } from 'vitest/node';

const RECORDINGS = 'test/replay/recording*.ts';
const TIMEOUT_MS = 120_000;

const vitest = await startVitest('test', [], { include: [RECORDINGS], run: true, watch: false, testTimeout: TIMEOUT_MS });
await vitest.close();
if (vitest.state.getCountOfFailedTests() > 0) process.exitCode = 1;
