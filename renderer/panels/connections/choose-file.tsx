import { FileUp } from 'lucide-react'
import { useRef } from 'react'
import { Button, IconButton } from '../../ui/button.tsx'

interface ChooseFileProps {
  readonly label: string
  /** The label only as a hint. */
  readonly isIcon?: boolean
  readonly onText: (text: string) => void
}

/** Reads the text of a file that the viewer chooses. */
export function ChooseFile({ label, isIcon = false, onText }: ChooseFileProps) {
  const input = useRef<HTMLInputElement>(null)
  const choose = (): void => input.current?.click()
  return (
    <>
      <input
        ref={input}
        type="file"
        hidden
        onChange={({ target }) => {
          void target.files?.[0]?.text().then(onText)
          // The same file may be chosen again.
          target.value = ''
        }}
      />
      {isIcon ? (
        <IconButton icon={FileUp} label={label} onClick={choose} />
      ) : (
        <Button icon={FileUp} onClick={choose}>
          {label}
        </Button>
      )}
    </>
  )
}
