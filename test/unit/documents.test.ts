import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { profileKindNames, profileKinds } from '../../core/settings/profile-kind.ts'
import { environmentName, settingTable } from '../../core/settings/table.ts'

const root = join(import.meta.dirname, '../..')
const read = (file: string): string => readFileSync(join(root, file), 'utf8')

const asCode = (text: string): string => (text === '' ? '' : `\`${text}\``)

it('lists every setting as the program has it', async () => {
  const rows = settingTable.map(
    ({ name, default: value, doc, aliases }) =>
      `| \`${name}\` | ${[environmentName(name), ...aliases].map(asCode).join(', ')} | ${asCode(String(value))} | ${doc} |`,
  )
  const kinds = profileKindNames.map((name) => {
    const { eventsFrom, needs, rowsTo, title, writes } = profileKinds[name]
    const written = [...(writes.events === 'none' ? [] : [writes.events]), ...(writes.rows ? [rowsTo] : [])]
    const cells = [asCode(name), title, eventsFrom, rowsTo, written.join(', ') || 'nothing', needs.join(', ')]
    return `| ${cells.join(' | ')} |`
  })
  const text = [
    '# Settings',
    '',
    '`--set name=value`, the environment variable, or the profile file, in this order of precedence. This list is made from',
    '`table.ts`; a test keeps it so.',
    '',
    'A secret never stands in a profile file: it comes from the keyring, from its variable, or from the file that its variable',
    'with `_FILE` after it names. Settings of a server belong to profiles that use it; others refuse them and ignore their',
    'variables. The address of a server is filled by its variable where the profile has none, and never changed by it.',
    '',
    '| setting | environment variable | default | what it is for |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
    '## Profiles',
    '',
    '`--profile NAME` says what is done: a built-in profile, or one of your own, which is a file `profiles/<name>.json` in the',
    'data directory with the settings of that profile in sections, and beside them what it says about itself: `extends` (the',
    'profile it takes everything from that it does not say itself) or `kind`, `title`, `colour` and `locked`. Each profile but',
    '`local` has a folder of its own for its data, `profiles/<name>/`.',
    '',
    '| kind | title | events come from | rows go to | writes | needs |',
    '| --- | --- | --- | --- | --- | --- |',
    ...kinds,
    '',
    '`storepulse profile list`, `show`, `create`, `import` (a Kafka `client.properties`), `rename`, `lock`, `unlock` and `delete`',
    'do what they say. What a profile needs and lacks is named with its variable, exit code 2.',
    '',
  ]
  await expect(text.join('\n')).toMatchFileSnapshot(join(root, 'core/settings/README.md'))
})

it('gives a reason for every dependency, and for no other', () => {
  const manifest: unknown = JSON.parse(read('package.json'))
  const names = ['dependencies', 'devDependencies'].flatMap((kind) => Object.keys(Object(Object(manifest)[kind])))
  const [, section = ''] = read('ARCHITECTURE.md').split('\n## Dependencies\n')
  const explained = [...section.matchAll(/^\| (@?[a-z][^|]*) \|/gm)].flatMap(([, cell = '']) => cell.split(', '))
  expect(explained.filter((name) => !name.startsWith('for ') && name !== 'package').toSorted()).toEqual(
    names.toSorted(),
  )
})

it('shows every folder of core', () => {
  const text = read('ARCHITECTURE.md')
  const folders = readdirSync(join(root, 'core'), { withFileTypes: true }).filter((entry) => entry.isDirectory())
  for (const { name } of folders.filter((folder) => folder.name !== 'decisions')) {
    expect(text, name).toMatch(new RegExp(`^ {2}${name}/ `, 'm'))
  }
})

it('links to nothing that is not there', () => {
  for (const file of [
    'README.md',
    'ARCHITECTURE.md',
    'CONTRIBUTING.md',
    'CHANGELOG.md',
    'SECURITY.md',
    'core/README.md',
    'core/settings/README.md',
    'resources/compose/README.md',
    'resources/spark/README.md',
    'test/support/services/README.md',
  ]) {
    for (const [, target = ''] of read(file).matchAll(/\]\((?!https?:)([^)#]+)\)/g)) {
      expect(existsSync(join(root, file, '..', target)), `${file} → ${target}`).toBe(true)
    }
  }
})

it('names both commands that a newcomer types', () => {
  expect(read('README.md')).toContain('npm ci && npm start')
  expect(read('README.md')).toContain('npm ci && npm test')
})
