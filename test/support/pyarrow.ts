import { findPythonPackage } from './python-package.ts';

/** The folder for PYTHONPATH in which Python finds pyarrow. */
export async function findPyarrow(): Promise<string> {
  return await findPythonPackage('pyarrow');
}
