import { Option } from 'commander';

/** Has no effect but to be seen in the list of processes: `longhaul up` knows by it the parts that a killed run left. */
export function partOfOption(): Option {
  return new Option('--part-of <folder>', 'data folder of the "longhaul up" that started this process').hideHelp();
}
