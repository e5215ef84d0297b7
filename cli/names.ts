import { INSTANCE, type Instance } from '#api/instance.ts';
import { isNotFound } from '#runtime/errors.ts';
import { type Session, UsageError } from './session.ts';

/** The Instance, or a clear word that there is none. */
export async function instanceNamed({ client, namespace }: Session, name = ''): Promise<Instance> {
  try {
    return await client.get<Instance>(INSTANCE, `${namespace}/${name}`);
  } catch (error) {
    if (!isNotFound(error)) throw error;
    throw new UsageError(
      `there is no Instance ${name} in namespace ${namespace}: kubectl berth list shows them, -n chooses another namespace`,
    );
  }
}
