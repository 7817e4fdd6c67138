import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { reportHtml } from '#report/html-report.ts';
import { download, downloadCsv, downloadPng, downloadSvg } from '../share/download.ts';
import { linkFragment, sharedOf } from '../share/link.ts';
import { reportTemplate } from '../share/report-template.ts';
import { requestRows } from '../share/request-rows.ts';
import { zipOf } from '../share/zip.ts';
import { page } from '../state/page-state.ts';
import { Dialog } from './dialog.tsx';
import { Icon, type IconName } from './icon.tsx';

const LONG_LINK = 8 * 1024;

/** The link first, then files. Nothing is uploaded. */
export function ShareDialog() {
  const [link, setLink] = useState('');
  const [said, setSaid] = useState('');
  const { project, seed, parameters, view, example } = page.state;
  useEffect(() => {
    void linkFragment(sharedOf(page.state)).then((fragment) =>
      setLink(`${location.href.replace(/[?#].*$/, '')}${fragment}`),
    );
  }, []);
  const name = example || 'meshsim';
  const copy = () =>
    navigator.clipboard.writeText(link).then(
      () => setSaid('Copied.'),
      () => setSaid('Copy it from the field.'),
    );
  const saveReport = async () => {
    const template = await reportTemplate();
    if (template === undefined || view === undefined)
      setSaid('A report cannot make another report: use the page.');
    else
      download(
        `${name}.html`,
        reportHtml(template, { project, seed, parameters, view }),
        'text/html',
      );
  };
  const graph = () => document.querySelector('.graphroom');
  return (
    <Dialog title="Share this run" style="share">
      <div class="url">
        <input
          readOnly
          aria-label="Link"
          value={link}
          onFocus={(event) => event.currentTarget.select()}
        />
        <button type="button" class="btn pri" onClick={() => void copy()}>
          Copy link
        </button>
      </div>
      <p class="muted small" role="status">
        {(link.length / 1024).toFixed(1)} KB. The scenario, its files, the seed and this view are in
        the link itself; nothing is uploaded.{' '}
        {link.length > LONG_LINK && (
          <b>Longer than 8 KB: some programs cut it; better send the HTML report.</b>
        )}{' '}
        <b>{said}</b>
      </p>
      <Row icon="file" name="HTML report" says="One file with this run inside. Opens from disk.">
        <button
          type="button"
          class="btn line"
          disabled={view?.isOver !== true}
          onClick={() => void saveReport()}
        >
          Save
        </button>
      </Row>
      <Row
        icon="zip"
        name="Scenario folder"
        says={`${Object.keys(project.files).length} files, for meshsim run and CI.`}
      >
        <button
          type="button"
          class="btn line"
          onClick={() => download(`${name}.zip`, zipOf(project.files), 'application/zip')}
        >
          Save
        </button>
      </Row>
      <Row icon="tab" name="Requests" says={`${view?.requests.length ?? 0} sampled requests.`}>
        <button
          type="button"
          class="btn line"
          disabled={view === undefined}
          onClick={() => downloadCsv(`${name}-requests`, requestRows(view?.requests ?? []))}
        >
          CSV
        </button>
      </Row>
      <Row
        icon="chartI"
        name="Graph"
        says="As drawn, in the present theme. Each chart has its own buttons."
      >
        <button
          type="button"
          class="btn line"
          onClick={() => downloadPng(`${name}-graph`, graph())}
        >
          PNG
        </button>
        <button
          type="button"
          class="btn line"
          onClick={() => downloadSvg(`${name}-graph`, graph())}
        >
          SVG
        </button>
      </Row>
    </Dialog>
  );
}

function Row({
  icon,
  name,
  says,
  children,
}: {
  readonly icon: IconName;
  readonly name: string;
  readonly says: string;
  readonly children: ComponentChildren;
}) {
  return (
    <div class="row">
      <Icon name={icon} />
      <div>
        <b>{name}</b>
        <span>{says}</span>
      </div>
      <span class="buttons">{children}</span>
    </div>
  );
}
