import type { JSX } from 'preact';
import { Bars } from './bars-plot.tsx';
import { Heat } from './heat-plot.tsx';
import type { Plot } from './lane-model.ts';
import { Lines } from './lines-plot.tsx';
import type { Canvas } from './plot-canvas.tsx';
import { Shares } from './shares-plot.tsx';
import { Spans } from './spans-plot.tsx';

export function drawPlot(plot: Plot, canvas: Canvas): JSX.Element | null {
  if (canvas.height < 30) return null; // Not laid out yet.
  switch (plot.kind) {
    case 'lines':
      return <Lines plot={plot} canvas={canvas} />;
    case 'bars':
      return <Bars plot={plot} canvas={canvas} />;
    case 'shares':
      return <Shares plot={plot} canvas={canvas} />;
    case 'spans':
      return <Spans plot={plot} canvas={canvas} />;
    case 'heat':
      return <Heat plot={plot} canvas={canvas} />;
  }
}
