/** `npm start`: builds when the sources are newer than dist/, then runs the stack in this same process, so that signals reach it. */
import { build } from './build.mjs';

try {
  await build();
} catch (error) {
  console.error(`Build failed: ${error.message}`);
  process.exit(1);
}
await import('../dist/embedded/main.js');
