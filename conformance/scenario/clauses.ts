import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageFile } from '../package-file.js';
import type { Clause } from './types.js';

/** A clause of `conformance/clauses/`. */
export interface ListedClause extends Clause {
  /** Never changes, and is never reused. */
  id: string;
  /** The reason that no scenario can check it. */
  unobservable?: string;
}

/** One document's clauses. */
export interface ClauseFile {
  title: string;
  clauses: ListedClause[];
}

let files: ClauseFile[] | undefined;
let byId: Map<string, ListedClause> | undefined;

/** The files of `conformance/clauses/`, by name. */
export function loadClauseFiles(): readonly ClauseFile[] {
  const folder = packageFile('conformance', 'clauses');
  files ??= readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .toSorted()
    .map(
      (file) =>
        JSON.parse(readFileSync(join(folder, file), 'utf8')) as ClauseFile,
    );
  return files;
}

/**
 * The clause of an id.
 *
 * @throws {RangeError} no such clause.
 */
export function findClause(id: string): Clause {
  byId ??= new Map(
    loadClauseFiles()
      .flatMap(({ clauses }) => clauses)
      .map((clause) => [clause.id, clause]),
  );
  const found = byId.get(id);
  if (!found) throw new RangeError(`no clause "${id}"`);
  const { source, section, sentence } = found;
  return { source, section, sentence };
}
