/** The part of Node-RED's editor that our scripts use, typed: the published typings miss validators with a reason. */

/** What an edit dialog's `this` has beside the saved properties. */
export interface EditorNode {
  readonly id: string;
  readonly type: string;
  /** The flow it sits on. */
  readonly z?: string;
  /** True until it is deployed. */
  readonly changed?: boolean;
  readonly users?: readonly EditorNode[];
  readonly outputs?: number;
  /** The width on the canvas; not there before the node is drawn. */
  w?: number;
  /** Whether it has to be drawn anew. */
  dirty?: boolean;
  credentials?: Record<string, unknown>;
  /** A text of the catalog of the node's own set. */
  _(key: string, values?: Readonly<Record<string, unknown>>): string;
}

/** Checks a property: true, or the reason. Node-RED takes a text as the reason only from a function of two parameters. */
export type Validator = (this: unknown, value: unknown, options: unknown) => true | string;

/** One entry of `defaults`. */
export interface PropertyDefinition<T> {
  value: T;
  required?: boolean;
  type?: string;
  label?: string;
  validate?: Validator;
}

/** The second argument of `registerType`, for a node with the saved properties `P`. */
export interface NodeDefinition<P> {
  category: string;
  color?: string;
  defaults: { [K in keyof P]: PropertyDefinition<P[K]> };
  credentials?: Record<string, { type: 'text' | 'password' }>;
  inputs?: number;
  outputs?: number;
  icon?: string;
  align?: 'right';
  hasUsers?: boolean;
  paletteLabel?: (this: EditorNode) => string;
  inputLabels?: (this: Partial<P> & EditorNode) => string;
  outputLabels?: (this: Partial<P> & EditorNode, index: number) => string | undefined;
  label?: (this: Partial<P> & EditorNode) => string;
  labelStyle?: (this: Partial<P> & EditorNode) => string;
  button?: {
    visible?: (this: Partial<P> & EditorNode) => boolean;
    enabled?: (this: Partial<P> & EditorNode) => boolean;
    onclick: (this: Partial<P> & EditorNode) => void;
  };
  onadd?: (this: Partial<P> & EditorNode) => void;
  oneditprepare?: (this: Partial<P> & EditorNode) => void;
  oneditsave?: (this: Partial<P> & EditorNode) => void;
  oneditcancel?: (this: Partial<P> & EditorNode) => void;
  oneditresize?: (this: Partial<P> & EditorNode, size: { width: number; height: number }) => void;
}

/** A tooltip that follows an element. */
export interface Tooltip {
  setContent(content: string): void;
  delete(): void;
}

/** A panel that drops down from an element. */
export interface Panel {
  container: JQuery;
  show(options: { target: JQuery; align?: 'left' | 'right'; offset?: [number, number]; onclose?: () => void }): void;
  hide(dispose?: boolean): void;
}

/** A row of tabs. */
export interface Tabs {
  addTab(tab: { id: string; label: string }): void;
  activateTab(id: string): void;
  resize(): void;
}

/** A step that can be undone. */
export interface HistoryEvent {
  t: string;
  /** The ids of what was added. */
  nodes?: string[];
  /** The steps of a `multi`. */
  events?: HistoryEvent[];
  dirty: boolean;
}

/** Node-RED's editor. */
export interface EditorRed {
  _(key: string, values?: Readonly<Record<string, unknown>>): string;
  nodes: {
    registerType<P>(type: string, definition: NodeDefinition<P>): void;
    getType(type: string): unknown;
    id(): string;
    add(node: object): void;
    dirty(): boolean;
    junction(id: string): EditorNode | undefined;
    /** The wires that leave a node. */
    getNodeLinks(id: string): { sourcePort: number; target: EditorNode }[];
    node(id: string): (EditorNode & Record<string, unknown>) | undefined;
    eachConfig(visit: (node: EditorNode & Record<string, unknown>) => boolean): void;
    eachNode(visit: (node: EditorNode & Record<string, unknown>) => boolean): void;
  };
  plugins: { registerPlugin(id: string, definition: { type: string; onadd?: () => void }): void };
  sidebar: {
    addTab(tab: {
      id: string;
      label: string;
      name: string;
      iconClass: string;
      content: JQuery;
      enableOnEdit: boolean;
      action: string;
    }): void;
    show(id: string): void;
  };
  actions: { add(name: string, act: () => void): void };
  events: { on(event: string, act: () => void): void };
  user: { hasPermission(permission: string): boolean };
  view: {
    reveal(id: string): void;
    /** What the mouse is about on the canvas; one of `RED.state`. */
    state(): number;
    redraw(updateActive: boolean, atOnce: boolean): void;
  };
  state: { readonly DEFAULT: number };
  comms: { subscribe(topic: string, act: (topic: string, message: { readonly text?: string }) => void): void };
  editor: { editConfig(property: string, type: string, id: string): void };
  history: { push(event: HistoryEvent): void; peek(): HistoryEvent | undefined };
  tabs: { create(options: { element: JQuery; onchange: (tab: { id: string }) => void }): Tabs };
  popover: {
    tooltip(target: JQuery, content: string | (() => string)): Tooltip;
    panel(content: JQuery): Panel;
  };
  utils: { getNodeLabel(node: object, fallback: string): string };
  clipboard: { copyText(value: string, element?: JQuery, message?: string): boolean };
  notify(message: string, options: { type: string; timeout?: number }): void;
}

declare global {
  const RED: EditorRed;
}
