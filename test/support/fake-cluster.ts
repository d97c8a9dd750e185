import type { Handlers } from '../../core/host/handlers.ts'
import type { ClusterCommands } from '../../core/protocol/cluster.ts'
import type { NoteRun } from './fake-views.ts'

/** Answers about profiles and connections that hold nothing. */
export const makeCluster = (note: NoteRun): Pick<Handlers, keyof ClusterCommands> => ({
  listProfiles: note('listProfiles', async () => ({
    profiles: [],
    cannotSwitch: null,
    failure: null,
    needsSchema: false,
  })),
  createProfile: note('createProfile', async () => ({ name: 'made' })),
  updateProfile: note('updateProfile', async () => ({})),
  deleteProfile: note('deleteProfile', async () => ({ dataDirectory: '/data/profiles/made' })),
  switchProfile: note('switchProfile', async () => ({})),
  planSchema: note('planSchema', async () => ({ plan: null })),
  createSchema: note('createSchema', async () => ({})),
  describeConnection: note('describeConnection', async ({ profile }) => ({
    profile,
    title: profile,
    kind: 'local',
    isLocked: false,
    isCurrent: true,
    fields: [],
    cannotKeepSecrets: null,
  })),
  saveConnection: note('saveConnection', async () => ({ saved: true, errors: [] })),
  checkConnection: note('checkConnection', async () => ({ check: 1 })),
  readCheck: note('readCheck', async () => ({ findings: [], isDone: true })),
  importClientProperties: note('importClientProperties', async () => ({ values: {}, secrets: [], ignored: [] })),
  compareTables: note('compareTables', async () => null),
})
