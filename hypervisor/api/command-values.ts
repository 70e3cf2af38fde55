/**
 * The kinds of parameters that commands have in the API (command-routes.ts), each with its
 * description; commands that move something have the command line's options.
 */
import Type from 'typebox';

export const strict = { additionalProperties: false } as const;
export const word = (description: string) => Type.Optional(Type.String({ description }));
export const flag = (description: string) => Type.Optional(Type.Boolean({ description }));
export const one = (description: string) => Type.String({ description });
export const words = (description: string) =>
  Type.Optional(Type.Union([Type.String(), Type.Array(Type.String())], { description }));
const count = (description: string) =>
  Type.Optional(Type.Union([Type.Integer({ minimum: 1 }), Type.String()], { description }));
export const ms = (description: string) => Type.Number({ minimum: 1, description });

export const how = {
  to: words('datapaths, zones, or NAME=TARGET for one; absent: whichever suits best'),
  strategy: word('lime (the default), freeze or auto; of migrate, partial, too'),
  guard: word(
    'redirect (the default) or drop: what of lime becomes of what enters at the old body',
  ),
  hosts: flag('hosts of tenants that are named, too'),
  driver: words('who moves hosts; HOST=DRIVER for one of them'),
  from: word('of a switch over several datapaths: the member that moves'),
  inOrder: flag('in the order of the names, whatever flows between them'),
  probe: flag('loss is measured meanwhile, by probes through the vports'),
  portsAtOnce: count("how many of a vswitch's ports move at once; absent: all"),
  movesAtOnce: count('of several, how many move at once'),
  dryRun: flag('answer the plan and its cost, or what prevents it, and change nothing'),
  noWatch: flag('over when it is done, and not some seconds later'),
};
