/** What every measurement is given, and what it gives back. */
import type { BenchOptions } from './options.js';
import type { Sandbox } from './sandbox.js';

export interface BenchContext {
  options: BenchOptions;
  sandbox: Sandbox;
  /** tells whoever waits how far it is */
  progress(message: string): void;
}

export interface SectionResult {
  title: string;
  /** the page's lines: how it was measured, and tables */
  lines: string[];
  /** sentences for the reading at the top of the page, each with its figures */
  reading: string[];
  /** what must not be: a run with one of these fails */
  violations: string[];
}

export type Section = (context: BenchContext) => Promise<SectionResult>;
