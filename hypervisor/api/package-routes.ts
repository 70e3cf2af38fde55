/**
 * Packages and mirrors, as routes (command-routes.ts).
 */
import Type from 'typebox';
import { flag, one, strict, word, words } from './command-values.ts';
import { operations } from './operation-values.ts';
import { PackageSchema } from './package-responses.ts';
import { closed, listOf } from './response-values.ts';
import { MirrorSchema } from './schedule-responses.ts';

export const packageRows = {
  export: {
    access: 'viewer',
    tag: 'packages',
    summary: "A tenant's whole network as a package, with all its rules",
    params: Type.Object({ tenant: one('its name') }),
    response: PackageSchema,
  },
  deploy: {
    access: 'operator',
    tag: 'packages',
    summary: 'Bring a package up as a tenant, or several, placed and complete with its rules',
    body: Type.Object(
      {
        file: one('its path, where Limevisor runs'),
        as: words('the names of the tenants'),
        on: words('datapaths; NAME=DATAPATH for one vswitch'),
        hosts: words('auto, or HOST=PORT'),
        controllers: words('instead of those of the package'),
        driver: word('who starts its hosts: exec; absent: nobody'),
        asItWas: flag('where it was when it was exported'),
        dryRun: flag('answer what would come, or what prevents it, and change nothing'),
      },
      strict,
    ),
    response: operations.deploy,
  },
  mirrors: {
    access: 'operator',
    tag: 'packages',
    summary: 'Which vswitches have a copy for tests, and which VLAN is which port',
    response: closed({ mirrors: listOf(MirrorSchema) }),
  },
  mirror: {
    access: 'operator',
    tag: 'packages',
    summary:
      'Give vswitches a copy on a datapath for tests, with copies of their traffic, or end it',
    body: Type.Object(
      {
        names: words('vswitches and tenants'),
        to: word('the datapath, and the port where all that the copy sends leaves: s9:4'),
        off: flag('end it'),
      },
      strict,
    ),
    response: operations.mirror,
  },
} as const;
