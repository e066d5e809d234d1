import type { Look } from '../look.ts';
import { classic } from './classic.ts';
import { corporate } from './corporate.ts';
import type { Design } from './design.ts';
import { minimal } from './minimal.ts';
import { modern } from './modern.ts';

const designs: Record<Look['style'], Design> = {
  MODERN: modern,
  CLASSIC: classic,
  MINIMAL: minimal,
  CORPORATE: corporate,
};

export function chooseDesign(style: Look['style']): Design {
  return designs[style];
}
