/**
 * `limevisor reopen TENANT/VSWITCH`: a vswitch that an internal error has closed
 * (fault-boundary.ts) is served again, without a restart of everything.
 *
 *   closed --its rules are read from the store--> compared on each body --> served
 *      ^------------------- whatever throws, or is refused, on the way ---------------'
 *
 * Nothing that the closed one had in memory is used, but for which ids of groups and meters it may
 * have used on its bodies. Rules are written anew over those that stand, and what is too much goes
 * last, so what forwards goes on; counters go on from what the store has.
 */

import { errorName } from '../../openflow/values/errors.ts';
import type { Message } from '../../openflow/values/values.ts';
import type { DatapathName, VswitchName } from '../../slices/ids.ts';
import { plural } from '../../slices/plural.ts';
import { newCursor } from '../../slices/rules/cursor.ts';
import { difference } from '../../translation/entries/difference.ts';
import { everyFlow, tablesOf } from '../../translation/entries/physical-tables.ts';
import { cookieOf, readCookie, VSWITCH_COOKIE_MASK } from '../../translation/entries/pipeline.ts';
import type { Datapath } from '../datapath/datapath.ts';
import { onlyThis } from '../datapath/discrepancies.ts';
import { flowsOf } from '../datapath/entry-reader.ts';
import { readStock } from '../datapath/groups-meters.ts';
import { sendPaced } from '../datapath/paced-send.ts';
import { inParts } from '../datapath/tenants.ts';
import type { Recovered } from '../store/recovered.ts';
import type { Loading, LoadingUser } from '../store/recovery.ts';
import { reread } from '../store/rereading.ts';
import { type Shared, tenantStateFrom } from '../store/tenant-state.ts';
import type { Party } from '../world/fault-boundary.ts';
import type { Log } from '../world/log.ts';
import type { Store } from '../world/world.ts';
import { copyRules, deletions, stockOf } from './bodies.ts';
import { serve } from './service.ts';
import { VswitchRuntime } from './vswitch.ts';
import type { VswitchContext } from './vswitch-context.ts';

/** What serves vswitches, one of which takes the place of one that was closed. */
export interface ReopeningContext extends VswitchContext {
  readonly loading: Loading;
  readonly loadingUser: LoadingUser;
  /** Its migration stood where it stood. */
  readonly executor: { loaded(name: VswitchName): void; resumeOf(name: VswitchName): void };
  datapaths(): readonly Datapath[];
  reopened(runtime: VswitchRuntime): void;
}

/** What came of it, a line each, or why it is closed again. */
export type Reopened = { readonly done: readonly string[] } | { readonly whyNot: string };

interface Attempt {
  readonly end: (reopened: Reopened) => void;
  runtime: VswitchRuntime | undefined;
  readonly said: string[];
}

export class Reopening {
  readonly #context: ReopeningContext;
  readonly #log: Log;
  readonly #shared: Shared;
  readonly #store: Store;
  readonly #attempts = new Map<VswitchName, Attempt>();

  /** `shared` is what every vswitch's state shares. */
  constructor(context: ReopeningContext, log: Log, shared: Shared, store: Store) {
    this.#context = context;
    this.#log = log;
    this.#shared = shared;
    this.#store = store;
  }

  /** Which are being reopened. */
  get underWay(): ReadonlySet<VswitchName> {
    return new Set(this.#attempts.keys());
  }

  /** Why a vswitch is not served yet; undefined when it is not being reopened. */
  whyNot(name: VswitchName): string | undefined {
    return this.#attempts.has(name) ? 'it is being reopened' : undefined;
  }

  begin(name: VswitchName, end: (reopened: Reopened) => void): void {
    const closed = this.#context.runtime(name);
    if (this.#attempts.has(name)) end({ whyNot: `${name} is being reopened` });
    else if (closed === undefined) end({ whyNot: `there is no vswitch "${name}"` });
    else if (!closed.isClosed) end({ whyNot: `${name} was not closed by an internal error` });
    else {
      this.#attempts.set(name, { end, runtime: undefined, said: [] });
      this.#log.info({ vswitch: name }, 'a closed vswitch is reopened');
      const { journal, scheduler } = this.#context;
      reread(this.#store, scheduler, journal, (read) => {
        if (typeof read === 'string') this.failed(name, read);
        else {
          this.#read(closed, read.recovered);
          read.release();
        }
      });
    }
  }

  /** Somebody has been closed. */
  closed(party: Party, why: string): void {
    for (const [name, { runtime }] of this.#attempts) if (runtime === party) this.failed(name, why);
  }

  /** It is closed again, by whatever was done for it. */
  failed(name: VswitchName, why: string): void {
    const attempt = this.#attempts.get(name);
    if (attempt === undefined) return;
    this.#attempts.delete(name);
    this.#context.alarm(`${name} could not be reopened: ${why}`);
    attempt.end({ whyNot: `${name} is closed again: ${why}; its rules stay; see the log` });
  }

  #read(closed: VswitchRuntime, recovered: Recovered): void {
    const { boundary, journal, loading, loadingUser } = this.#context;
    const { name } = closed.vswitch;
    let why = '';
    const party = {
      title: closed.title,
      isClosed: false,
      close: (fault: { readonly why: string }) => {
        why = fault.why;
      },
    };
    const made = boundary.attempt(party, () => {
      const state = tenantStateFrom(this.#context, name, recovered, this.#shared);
      return { state, runtime: new VswitchRuntime(this.#context, name, state) };
    });
    if (made === undefined) {
      this.failed(name, why);
      return;
    }
    const { state, runtime } = made;
    const attempt = this.#attempts.get(name);
    if (attempt !== undefined) attempt.runtime = runtime;
    journal.keep(name, runtime.rulebook);
    this.#context.reopened(runtime);
    loading.add(name, state.load, loadingUser, () => {
      boundary.run(runtime, () => this.#compare(closed, runtime));
    });
  }

  #compare(closed: VswitchRuntime, runtime: VswitchRuntime): void {
    const { name } = runtime.vswitch;
    const { rulebook, groups, meters } = runtime;
    const parts = [
      plural(rulebook.size, 'rule'),
      plural(groups.table.groups().length, 'group'),
      plural(meters.table.meters().length, 'meter'),
    ];
    this.#attempts.get(name)?.said.push(`${name} has ${parts.join(', ')} from the store`);
    this.#context.executor.loaded(name);
    const next = ([on, ...rest]: readonly DatapathName[]): void => {
      if (on === undefined) this.#serve(runtime);
      else this.#onBody(runtime, on, closed, () => next(rest));
    };
    next(runtime.placement.bodies);
  }

  #onBody(
    runtime: VswitchRuntime,
    on: DatapathName,
    closed: VswitchRuntime,
    then: () => void,
  ): void {
    const attempt = this.#attempts.get(runtime.vswitch.name);
    const datapath = this.#context.datapath(on);
    if (!datapath.isReady) {
      attempt?.said.push(`${on} is ${datapath.state.type}: it will be corrected when it is back`);
      then();
      return;
    }
    const ended = (trouble?: string): void => {
      if (trouble === undefined) {
        attempt?.said.push(`${on} is correct`);
        then();
      } else {
        runtime.close({ why: trouble, stack: '', message: '' });
        this.failed(runtime.vswitch.name, trouble);
      }
    };
    if (datapath.flat === undefined)
      rewrite(this.#context, runtime, datapath, deletions(this.#context, closed, on), ended);
    else copyRules(this.#context, runtime, on, ended);
  }

  #serve(runtime: VswitchRuntime): void {
    const { name } = runtime.vswitch;
    const attempt = this.#attempts.get(name);
    this.#attempts.delete(name);
    if (attempt === undefined) return;
    const { executor } = this.#context;
    serve(this.#context, this.#log, runtime);
    executor.resumeOf(name);
    this.#log.info({ vswitch: name }, 'a vswitch that was closed is served again');
    attempt.end({ done: [...attempt.said, `${name} is served again`] });
  }
}

/** Makes a body of a pipeline what the tables say, over what stands there. */
function rewrite(
  context: ReopeningContext,
  runtime: VswitchRuntime,
  datapath: Datapath,
  stale: readonly Message[],
  done: (trouble?: string) => void,
): void {
  const { scheduler } = context;
  const { name, version } = datapath;
  const cookie = cookieOf('rule', runtime.vswitch.id, 0);
  const filter = { ...everyFlow, cookie, cookieMask: VSWITCH_COOKIE_MASK };
  const gone: Message[] = [];
  datapath.stream(
    scheduler,
    { kind: 'flow', filter },
    (part) => {
      for (const row of flowsOf(part)) {
        const serial = readCookie(row.cookie)?.serial;
        const isOurs = serial !== undefined && runtime.rulebook.bySerial(serial) !== undefined;
        if (!isOurs) gone.push(onlyThis(row, version));
      }
    },
    (isWhole) => {
      readStock(datapath, (stock) => {
        if (!isWhole || stock === undefined) {
          done(`datapath ${name} could not be read`);
          return;
        }
        const want = stockOf(context.snapshot(), runtime, name);
        const groups = stock.groups.filter(({ groupId }) => want.groups.has(groupId));
        const meters = stock.meters.filter(({ meterId }) => want.meters.has(meterId));
        const { make, change } = difference(tablesOf([], groups, meters), want);
        const first = [...make, ...change];
        const kept = new Set(deletions(context, runtime, name).map(idOf));
        const last = [...gone, ...stale.filter((one) => !kept.has(idOf(one)))];
        const parts = messagesOf(runtime, name, first, last);
        sendPaced(
          scheduler,
          datapath,
          'tables',
          () => parts.next().value,
          'full',
          (outcome) => {
            // What is lost is corrected when it is back.
            const [refusal] = outcome.type === 'acked' ? outcome.refusals : [];
            const error = refusal && errorName(refusal.errorType, refusal.errorCode);
            done(error && `datapath ${name} refused it: ${error}`);
          },
        );
      });
    },
  );
}

function* messagesOf(
  runtime: VswitchRuntime,
  on: DatapathName,
  first: readonly Message[],
  last: readonly Message[],
): Generator<readonly Message[], undefined> {
  yield* inParts(first);
  const body = runtime.bodyOn(on);
  for (const cursor = newCursor(); !cursor.isOver; ) {
    const rules = runtime.rulebook.some(cursor);
    for (const rule of rules) rule.counter.leave(on);
    yield body.fill(rules);
  }
  yield* inParts(last);
  return undefined;
}

/** Of a deletion: which group or meter. */
function idOf(message: Message): string {
  if (message.type === 'groupMod') return `group ${message.groupId}`;
  return message.type === 'meterMod' ? `meter ${message.meterId}` : '';
}
