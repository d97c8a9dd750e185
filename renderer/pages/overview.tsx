import { AlertsPanel } from '../panels/alerts/alerts-panel.tsx'
import { IdentityPanel } from '../panels/identity/identity-panel.tsx'
import { Intro } from '../panels/intro/intro.tsx'
import { LatencyPanel } from '../panels/latency/latency-panel.tsx'
import { Leaderboard } from '../panels/leaderboard/leaderboard.tsx'
import { Tiles } from '../panels/tiles/tiles.tsx'
import { TradePanel } from '../panels/trade/trade-panel.tsx'
import './overview.css'

/** How is the business, now and over the range; which store is in trouble; can the numbers be trusted. */
export function Overview() {
  return (
    <div className="overview">
      <Intro />
      <Tiles />
      <div className="overview-middle">
        <TradePanel />
        <Leaderboard />
      </div>
      <div className="overview-foot">
        <LatencyPanel />
        <IdentityPanel />
        <AlertsPanel />
      </div>
    </div>
  )
}
