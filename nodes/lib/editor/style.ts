/** The one style sheet of our dialogs. Colours are Node-RED's variables, so that light and dark themes both fit. */

const ID = 'http-server-style';

const CSS = `
/*
 * The width comes from the tray alone: long notes wrap instead of widening the dialog over the canvas. Node-RED gives a tray
 * 500 pixels at least, also on a phone, where the rest lies outside the screen.
 */
.http-server-form { width: 0; min-width: min(100%, calc(100vw - 60px)); container-type: inline-size; --http-server-label: 140px; }
.http-server-form .form-row { display: flex; flex-wrap: wrap; align-items: center; gap: 4px 0; }
.http-server-form .form-row > label { flex: 0 0 var(--http-server-label); width: var(--http-server-label); box-sizing: border-box; padding-right: 8px; margin: 0; }
.http-server-form .form-row > label > i { width: 18px; margin-right: 2px; text-align: center; }
.http-server-form .form-row > .http-server-field { flex: 1 1 220px; min-width: 0; display: flex; align-items: center; gap: 6px; }
.http-server-form .http-server-field > input[type=text],
.http-server-form .http-server-field > select,
.http-server-form .http-server-field > .red-ui-typedInput-container { flex: 1 1 auto; min-width: 0; width: auto; margin: 0; }
.http-server-form .http-server-field > input.http-server-number { flex: 0 1 90px; min-width: 60px; }
.http-server-form .http-server-field > div { flex: 1 1 auto; }
.http-server-form .http-server-unit { flex: 0 1 auto; min-width: 0; line-height: 1.3; color: var(--red-ui-secondary-text-color); }
.http-server-form .http-server-note { flex: 0 0 calc(100% - var(--http-server-label)); margin-left: var(--http-server-label); color: var(--red-ui-secondary-text-color); font-size: 12px; line-height: 1.35; }
.http-server-form .http-server-list ~ .http-server-note { flex-basis: 100%; margin-left: 0; }
.http-server-form .http-server-check { align-items: flex-start; }
.http-server-form .http-server-check > input { width: auto; margin: 3px 8px 0 var(--http-server-label); flex: none; }
.http-server-form .http-server-check > label { flex: 1 1 0; width: auto; }
.http-server-form h4 { margin: 18px 0 8px; padding-bottom: 4px; font-size: 13px; font-weight: 600; border-bottom: 1px solid var(--red-ui-secondary-border-color); color: var(--red-ui-primary-text-color); }
.http-server-form .http-server-pane > h4:first-child { margin-top: 4px; }
.http-server-form .red-ui-tabs { margin-bottom: 14px; }
.http-server-form .http-server-list { flex: 1 0 100%; min-width: 0; }
.http-server-form .http-server-list .red-ui-editableList-border { border-color: var(--red-ui-form-input-border-color); }
.http-server-form .http-server-list .red-ui-editableList-container:has(> ol:empty) { display: none; }
.http-server-cells { display: flex; flex-wrap: wrap; gap: 6px; align-items: center; }
.http-server-cells > * { margin: 0 !important; }
.http-server-cells > input[type=text], .http-server-cells > input[type=password] { flex: 1 1 90px; width: auto; min-width: 0; }
.http-server-cells > input[data-part=scope], .http-server-cells > input[data-part=issuer], .http-server-cells > input[data-part=audience] { flex-basis: 160px; }
.http-server-cells > select { flex: 0 1 auto; width: auto; min-width: 0; }
.http-server-cells > textarea.http-server-secret { flex: 1 1 250px; white-space: pre; overflow: hidden; width: auto; min-width: 0; height: 34px; min-height: 34px; padding: 6px 8px; box-sizing: border-box; resize: vertical; font-family: var(--red-ui-monospace-font); font-size: 12px; line-height: 20px; }
.http-server-cells > textarea.http-server-pem { flex-basis: 100%; height: 112px; overflow: auto; }
.http-server-cells > textarea.http-server-hidden:not(:placeholder-shown) { -webkit-text-security: disc; }
.http-server-cells > label.http-server-hash { flex: 1 0 100%; width: auto; display: flex; align-items: center; gap: 6px; }
.http-server-cells > label.http-server-hash > input { width: auto; margin: 0; }
.http-server-rule-port { flex: none; min-width: 32px; text-align: right; color: var(--red-ui-secondary-text-color); white-space: nowrap; }
.http-server-rule-message { flex: 1 0 100%; font-size: 12px; line-height: 1.3; }
.http-server-rule-message:empty { display: none; }
.http-server-error { color: var(--red-ui-text-color-error); }
.http-server-warning::before { content: '\\f071'; font-family: FontAwesome; margin-right: 5px; color: var(--red-ui-text-color-warning); }
.http-server-form .http-server-methods, .http-server-form .http-server-toggle { height: 34px; border-radius: 4px; font-size: 14px; color: var(--red-ui-form-text-color) !important; background: var(--red-ui-form-input-background); border-color: var(--red-ui-form-input-border-color); }
.http-server-methods { flex: none; width: 104px; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; text-align: left; display: inline-flex !important; align-items: center; justify-content: space-between; gap: 4px; }
.http-server-methods > span { overflow: hidden; text-overflow: ellipsis; }
.http-server-toggle { flex: none; }
.http-server-form .http-server-toggle { color: var(--red-ui-secondary-text-color) !important; }
.http-server-form .http-server-toggle[aria-pressed=true] { border-color: var(--red-ui-form-input-focus-color); color: var(--red-ui-form-text-color) !important; box-shadow: inset 0 0 0 1px var(--red-ui-form-input-focus-color); }
.http-server-menu { padding: 8px 12px; min-width: 150px; }
.http-server-menu label { display: flex; align-items: center; gap: 8px; margin: 0; padding: 3px 0; cursor: pointer; color: var(--red-ui-primary-text-color); }
.http-server-menu label > input { width: auto; margin: 0; }
.http-server-menu input[type=text] { width: 100%; margin: 6px 0 0; box-sizing: border-box; }
.http-server-tester { flex: 1 1 220px; display: flex; gap: 6px; min-width: 0; }
.http-server-tester > select { width: 112px; flex: none; margin: 0; }
.http-server-tester > input { flex: 1 1 auto; width: auto; min-width: 0; margin: 0; }
.http-server-form .http-server-note code { font-size: 11px; padding: 0 2px; }
.http-server-result { flex: 0 0 calc(100% - var(--http-server-label)); margin-left: var(--http-server-label); min-height: 1.4em; line-height: 1.4; overflow-wrap: anywhere; color: var(--red-ui-primary-text-color); }
.http-server-result code { white-space: normal; }
.http-server-error-tab::after { content: '\\f06a'; font-family: FontAwesome; margin-left: 5px; color: var(--red-ui-text-color-error); }
.http-server-form .http-server-browse { flex: none; width: 34px; height: 34px; padding: 0; }
.http-server-browser { width: min(320px, calc(100vw - 50px)); padding: 8px 10px; display: flex; flex-direction: column; gap: 8px; }
.http-server-browser-head { display: flex; align-items: center; gap: 8px; }
.http-server-browser-head > button { flex: none; }
.http-server-browser-here { min-width: 0; line-height: 1.3; font-family: var(--red-ui-monospace-font); font-size: 12px; overflow-wrap: anywhere; color: var(--red-ui-primary-text-color); }
.http-server-browser > ul.http-server-browser-list { list-style: none; margin: 0; height: 210px; overflow-y: auto; border: 1px solid var(--red-ui-form-input-border-color); border-radius: 4px; background: var(--red-ui-form-input-background); }
.http-server-browser-list > .http-server-note { padding: 8px 10px; color: var(--red-ui-secondary-text-color); }
.http-server-browser-list button { display: flex; align-items: center; gap: 8px; width: 100%; min-height: 30px; padding: 4px 10px; border: 0; background: var(--red-ui-form-input-background); text-align: left; color: var(--red-ui-form-text-color); overflow-wrap: anywhere; }
.http-server-browser-list button:hover { background: var(--red-ui-list-item-background-hover); }
.http-server-browser-list button:focus { outline: 2px solid var(--red-ui-form-input-focus-color); outline-offset: -2px; }
.http-server-browser-list button.http-server-browser-hidden > span { color: var(--red-ui-secondary-text-color); }
/* A dialog of a phone: what does not fit beside its label stands below it, with its note. */
@container (max-width: 379px) {
  .http-server-form .http-server-note, .http-server-form .http-server-result { flex-basis: 100%; margin-left: 0; }
  .http-server-form .http-server-check > input { margin-left: 2px; }
  .http-server-cells > input.http-server-rule-path { flex-basis: 100%; order: 1; }
  .http-server-cells > .http-server-rule-message { order: 2; }
  .http-server-form .http-server-tabs a.red-ui-tab-label { padding-left: 8px; font-size: 13px; }
}
/* Fingers need more room than a mouse. */
@media (pointer: coarse) {
  .http-server-form .red-ui-editableList-container li .red-ui-editableList-item-remove { width: 36px; height: 36px; margin-top: -18px; padding: 0; display: flex; align-items: center; justify-content: center; }
  .http-server-form .red-ui-editableList-container li.red-ui-editableList-item-removable .red-ui-editableList-item-content { margin-right: 44px; }
  .http-server-form .red-ui-editableList-container li .red-ui-editableList-item-handle { width: 32px; padding: 10px 0; margin-top: -18px; left: 0; font-size: 16px; text-align: center; }
  .http-server-form .red-ui-editableList-container li.red-ui-editableList-item-sortable .red-ui-editableList-item-content { margin-left: 34px; }
  .http-server-form .red-ui-button.red-ui-editableList-addButton { height: 36px; line-height: 34px; padding: 0 14px; }
  .http-server-form .http-server-check { align-items: center; }
  .http-server-form .http-server-check > label { padding: 8px 0; }
  .http-server-form .http-server-field a:not(.red-ui-button), .http-server-form .http-server-note a { display: inline-block; padding: 7px 0; }
  .http-server-form .http-server-field .red-ui-button-small, .http-server-form .http-server-note .red-ui-button-small { width: 36px; height: 32px; }
  .http-server-menu label, .http-server-browser-list button { min-height: 40px; }
}
.http-server-taken { box-shadow: inset 3px 0 0 var(--red-ui-form-input-focus-color); }
`;

/** Puts the style sheet into the editor's page, once, whichever of our nodes comes first. */
export function installStyle(): void {
  if (document.getElementById(ID) !== null) return;
  const style = document.createElement('style');
  style.id = ID;
  style.textContent = CSS;
  document.head.append(style);
}
