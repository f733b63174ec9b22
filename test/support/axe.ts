/** axe-core in a page: what a person with a screen reader, a keyboard or weak eyes would stumble over. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const source = readFileSync(createRequire(__filename).resolve('axe-core/axe.min.js'), 'utf8');

interface Violation {
  readonly id: string;
  readonly help: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

/**
 * The violations of WCAG 2.2 A and AA, a line each.
 * @param within only below elements of this selector
 */
export async function axeProblems(page: Page, within = 'html'): Promise<string[]> {
  // Run by the debugger, so that no content security policy of the page stands in the way.
  if (!(await page.evaluate<boolean>('Boolean(window.axe)'))) await page.evaluate(source);
  const violations = await page.evaluate<Violation[]>(
    `axe.run(${JSON.stringify(within)}, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
      rules: { region: { enabled: ${within === 'html'} } },
    }).then(({ violations }) => violations)`,
  );
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(
      ({ html, failureSummary = '' }) => `${id} (${help}): ${html.slice(0, 160)} ${failureSummary.slice(0, 300)}`,
    ),
  );
}
