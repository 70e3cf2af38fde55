/**
 * GEANT's network of March 2012, as the Internet Topology Zoo publishes it: 40 nodes by country,
 * 61 links with their bandwidths in Mbit/s. Lit fibre without a number counts as 10 Gbit/s.
 */
const fibre = 10_000;

/** From, and to whom: a bandwidth stands behind those that it is of. */
const links: Readonly<Record<string, Readonly<Record<number, string>>>> = {
  NL: { [fibre]: 'BE DK DE', 2500: 'UK LT' },
  BE: { [fibre]: 'IE' },
  DK: { [fibre]: 'IS NO DE EE SE RU' },
  PL: { 1000: 'UA BY', [fibre]: 'DE CZ LT' },
  DE: { [fibre]: 'CZ LU CH AT RU', 1000: 'CY', 2500: 'IL' },
  CZ: { [fibre]: 'SK' },
  LU: { [fibre]: 'FR' },
  FR: { [fibre]: 'CH ES UK' },
  CH: { [fibre]: 'IT ES' },
  IT: { [fibre]: 'ES AT GR', 1000: 'MT' },
  MD: { 1000: 'RO' },
  BG: { [fibre]: 'HU RO TR GR', 155: 'MK' },
  RO: { [fibre]: 'TR HU' },
  GR: { [fibre]: 'AT' },
  CY: { 1000: 'UK' },
  IL: { 2500: 'LT' },
  ME: { 155: 'HR' },
  HU: { [fibre]: 'RS HR SK' },
  SK: { [fibre]: 'AT' },
  PT: { [fibre]: 'ES UK' },
  HR: { [fibre]: 'SL' },
  SL: { [fibre]: 'AT' },
  LT: { [fibre]: 'LV' },
  IS: { 2500: 'UK' },
  IE: { [fibre]: 'UK' },
  NO: { [fibre]: 'SE' },
  SE: { [fibre]: 'FI' },
  EE: { [fibre]: 'LV' },
};

export const geantLinks = Object.entries(links).flatMap(([from, all]) =>
  Object.entries(all).flatMap(([mbps, names]) =>
    names.split(' ').map((to) => ({ ends: [from, to] as const, mbps: Number(mbps) })),
  ),
);

export const geantNodes = [...new Set(geantLinks.flatMap(({ ends }) => ends))];
