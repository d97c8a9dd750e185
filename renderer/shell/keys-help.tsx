import { Dialog } from '../ui/dialog.tsx'
import { useView } from '../use-model.ts'
import { words } from '../words.ts'
import { paletteShortcut } from './shortcuts.ts'
import './keys-help.css'

const text = words.keys

/** Every key there is. */
export function KeysHelp({ isOpen, onClose }: { readonly isOpen: boolean; readonly onClose: () => void }) {
  const areOn = useView((view) => view.keys)
  return (
    <Dialog isOpen={isOpen} onClose={onClose} title={text.title} text={areOn ? text.note : text.off}>
      <dl className="keys">
        {[[paletteShortcut, text.palette] as const, ...text.rows].map(([key, meaning]) => (
          <div key={key} className="keys-row">
            <dt>
              <kbd className="key">{key}</kbd>
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  )
}
