#!/usr/bin/env node
/** `npx bot …`: a thin client of the API. */
import { runCommandLine } from './program.js';

process.exitCode = await runCommandLine(process.argv.slice(2));
