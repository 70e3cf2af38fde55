/**
 * Moves vswitches for a purpose without being asked each time: schedules, better placements,
 * evacuations and the signs for them; and reports datapaths and cables that become idle.
 */
import type { RunCommand } from '../drivers/driver.ts';
import { type IdleContext, IdleWatch } from '../migrate/idle-watch.ts';
import type { Recovered } from '../store/recovered.ts';
import type { World } from '../world/world.ts';
import { BodyReplacements, type ReplacementSources } from './body-replacements.ts';
import type { Unfinished } from './evacuation-report.ts';
import { Evacuations } from './evacuations.ts';
import { Optimizing, type OptimizingSources } from './optimizing.ts';
import { PartialBodies, type PartialBodySources } from './partial-bodies.ts';
import { Schedules } from './schedules.ts';
import { type SignSources, SignWatch } from './sign-watch.ts';

export type RemapSources = OptimizingSources &
  SignSources &
  IdleContext &
  ReplacementSources &
  PartialBodySources;

export class Remaps {
  readonly schedules: Schedules;
  readonly optimizing: Optimizing;
  readonly evacuations: Evacuations;
  readonly signs: SignWatch;
  readonly idle: IdleWatch;
  readonly replacements: BodyReplacements;
  readonly partialBodies: PartialBodies;
  readonly runCommand: RunCommand;
  readonly #context: RemapSources;
  #unfinished: readonly Unfinished[];

  constructor(
    world: World,
    context: RemapSources,
    runCommand: RunCommand,
    { idle: told, evacuations: unfinished }: Pick<Recovered, 'idle' | 'evacuations'>,
  ) {
    this.#context = context;
    this.runCommand = runCommand;
    this.#unfinished = unfinished as readonly Unfinished[];
    const { boundary, log } = context;
    this.schedules = new Schedules(boundary.choreWorld('schedules', world), context, log);
    this.optimizing = new Optimizing(boundary.choreWorld('optimizing', world), context);
    this.evacuations = new Evacuations(context);
    const { evacuations } = this;
    const signs = boundary.choreWorld('signs of failure', world);
    this.signs = new SignWatch(signs, context, evacuations);
    const idle = boundary.choreWorld('what is idle', world);
    this.idle = new IdleWatch(idle, context, runCommand, told);
    const replacing = boundary.choreWorld('bodies that are replaced', world);
    this.replacements = new BodyReplacements(replacing, context);
    this.partialBodies = new PartialBodies(context);
  }

  /** The file may say something else than before. */
  follow(): void {
    this.#context.traffic.follow();
    this.schedules.follow();
    this.optimizing.follow();
    this.signs.follow();
    this.evacuations.resume(this.#unfinished);
    this.#unfinished = [];
    this.idle.changed();
    this.replacements.follow();
  }
}
