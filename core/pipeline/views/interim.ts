import type { FindingView } from '../../protocol/cluster.ts'
import type { Settings } from '../../settings/settings.ts'

export async function* examineConnections(settings: Settings): AsyncGenerator<FindingView, void, void> {
  yield { step: 'profile', verdict: 'ok', message: `kind ${settings.profile.kind}`, fix: null }
}
