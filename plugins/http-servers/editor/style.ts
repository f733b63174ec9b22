/** The style sheet of the sidebar. Colours are Node-RED's variables, so that light and dark themes both fit. */

const CSS = `
.http-servers { height: 100%; overflow: auto; padding: 10px; box-sizing: border-box; color: var(--red-ui-primary-text-color); }
.http-servers-server { margin-bottom: 14px; padding-bottom: 10px; border-bottom: 1px solid var(--red-ui-secondary-border-color); }
.http-servers-server > header { display: flex; align-items: center; gap: 6px; flex-wrap: wrap; }
.http-servers-dot { width: 10px; height: 10px; border-radius: 50%; flex: none; border: 2px solid var(--red-ui-secondary-text-color); }
.http-servers-dot[data-state=listening] { border-color: var(--red-ui-text-color-success); background: var(--red-ui-text-color-success); }
.http-servers-dot[data-state=failed], .http-servers-dot[data-state=refused] { border-color: var(--red-ui-text-color-error); }
.http-servers-name, .http-servers-row { border: none; background: none; padding: 2px 4px; text-align: left; color: inherit; overflow-wrap: anywhere; cursor: pointer; border-radius: 3px; }
.http-servers-name { font-weight: 600; }
.http-servers-name:hover, .http-servers-row:hover { background: var(--red-ui-list-item-background-hover); }
.http-servers-state { color: var(--red-ui-secondary-text-color); font-size: 12px; }
.http-servers-controls { margin-left: auto; display: flex; gap: 4px; }
.http-servers-address { margin: 2px 0 4px 20px; overflow-wrap: anywhere; }
.http-servers-error { margin: 4px 0 4px 20px; color: var(--red-ui-text-color-error); }
.http-servers summary { cursor: pointer; margin: 6px 0 2px; font-weight: 600; font-size: 12px; }
.http-servers h5 { margin: 4px 0 2px 14px; font-size: 12px; font-weight: normal; color: var(--red-ui-secondary-text-color); }
.http-servers ul { list-style: none; margin: 0 0 0 14px; }
.http-servers-tree .http-servers-tree { border-left: 1px solid var(--red-ui-secondary-border-color); margin-left: 9px; padding-left: 5px; }
.http-servers-open { display: block; margin-left: 18px; font-size: 12px; color: var(--red-ui-text-color-error); }
.http-servers-none { margin: 0 0 4px 14px; color: var(--red-ui-secondary-text-color); }
.http-servers-clients > li { display: flex; align-items: center; gap: 6px; justify-content: space-between; padding: 1px 0; }
.http-servers-clients > li > span { overflow-wrap: anywhere; }
.http-servers-requests { width: calc(100% - 14px); margin-left: 14px; font-size: 12px; border-spacing: 0; table-layout: fixed; }
.http-servers-requests th { text-align: left; font-weight: normal; color: var(--red-ui-secondary-text-color); }
.http-servers-requests th, .http-servers-requests td { padding: 1px 4px 1px 0; vertical-align: top; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.http-servers-requests th:nth-child(1), .http-servers-requests th:nth-child(2) { width: 62px; }
.http-servers-requests th:last-child { width: 46px; }
.http-servers-requests th:last-child, .http-servers-requests td:last-child { text-align: right; }
.http-servers-bad > td:first-child { color: var(--red-ui-text-color-error); font-weight: 600; }
.http-servers-wrong > td:first-child { font-weight: 600; }
`;

/** Puts the style sheet into the editor's page. @returns takes it out */
export function installStyle(): () => void {
  const style = document.createElement('style');
  style.textContent = CSS;
  document.head.append(style);
  return () => {
    style.remove();
  };
}
