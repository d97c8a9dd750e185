import type { LogSite } from './log-site.ts'
import { launchStation, type Station } from './station.ts'
import type { World } from './world.ts'

/** The machines: a process that ends is followed by another one, as long as they are on. */
export interface Hall {
  launch(): Station
  /** Those that run, the newest last. */
  readonly stations: readonly Station[]
  readonly newest: Station | undefined
  /** Nothing is started any more. */
  switchOff(): void
}

export function createHall(world: World, site: LogSite): Hall {
  let stations: readonly Station[] = []
  let isOn = true
  const launch = (): Station => {
    const station = launchStation(world, site.open)
    stations = [...stations, station]
    void follow(station)
    return station
  }
  const follow = async (station: Station): Promise<void> => {
    await station.ended
    stations = stations.filter((other) => other !== station)
    site.noteEnd(station.process)
    await world.sleep(20 + world.random.nextInt(2_000))
    if (isOn && stations.length === 0) launch()
  }
  return {
    launch,
    get stations() {
      return stations.filter(({ process }) => process.isAlive)
    },
    get newest() {
      return stations.findLast(({ process }) => process.isAlive)
    },
    switchOff() {
      isOn = false
    },
  }
}
