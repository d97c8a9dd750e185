import { CustomChart, LineChart } from 'echarts/charts'
import { GridComponent } from 'echarts/components'
import { init, use as install } from 'echarts/core'
import { CanvasRenderer } from 'echarts/renderers'

// What the charts are made of, and nothing that writes HTML: no tooltip, no toolbox, no SVG.
install([CustomChart, LineChart, GridComponent, CanvasRenderer])

export { init }
export type { CustomSeriesRenderItem } from 'echarts'
export type { ECharts, EChartsCoreOption } from 'echarts/core'
