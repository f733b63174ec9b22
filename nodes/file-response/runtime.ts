import { HttpError, claimAnswer, releaseAnswer, sendError, toHttpError } from '../../src/doors/exchange.js';
import { requestedFile, sendFile, serverFiles } from '../../src/doors/file.js';
import { onInput, refuseSettings } from '../lib/answer-errors.js';
import { groupHeaders } from '../lib/setting-field.js';
import { requestOf, responseOf } from '../lib/message.js';
import { lookupOf } from '../lib/typed-value.js';
import type { NodeMaker } from '../lib/register-node.js';
import type { FlowNode, RuntimeApi, SavedProperties } from '../lib/typings.js';
import { type FileResponseSettings, readConfig } from './config.js';

export default (RED: RuntimeApi): NodeMaker<FlowNode> => {
  function FileResponse(this: FlowNode, saved: SavedProperties): void {
    RED.nodes.createNode(this, saved);
    const { settings, errors } = readConfig(saved);
    if (settings) serve(RED, this, settings);
    else refuseSettings(this, errors);
  }
  return FileResponse;
};

function serve(RED: RuntimeApi, node: FlowNode, settings: FileResponseSettings): void {
  const rootOf = lookupOf(RED, node, settings.rootPath);
  const filenameOf = lookupOf(RED, node, settings.filename);
  const downloadNameOf = lookupOf(RED, node, settings.downloadName);
  const isLooked = [settings.rootPath, settings.filename, settings.downloadName].some(({ type }) => type !== 'str');
  const headers = groupHeaders(settings.headers);

  onInput(node, async (message, send) => {
    const request = requestOf(message);
    const response = responseOf(message);
    if (!request || !response) throw new HttpError('NO_RESPONSE');
    const looked = [rootOf(message), filenameOf(message), downloadNameOf(message)];
    const [root, filename, downloadName] = isLooked ? await Promise.all(looked) : looked;
    const named = filename ?? message.filename;
    if (!claimAnswer(response)) return;
    try {
      const files = serverFiles(request, root === undefined ? undefined : String(root));
      const isNamed = named !== undefined && named !== null && named !== '';
      const file: ReturnType<typeof requestedFile> = isNamed ? { filename: String(named) } : requestedFile(request);
      // One literal: spreads would make an object of a new shape for each request, which costs more than the file.
      await sendFile(request, response, {
        root: files.root,
        mediaTypes: files.mediaTypes,
        cache: files.cache,
        sandboxed: files.sandboxed,
        filename: file.filename,
        encoded: file.encoded,
        redirect: file.redirect,
        downloadName: downloadName === undefined ? undefined : String(downloadName),
        index: settings.index,
        fallback: settings.fallback,
        listing: settings.listing,
        dotfiles: settings.dotfiles,
        attachment: settings.attachment,
        contentType: settings.contentType === '' ? undefined : settings.contentType,
        statusCode: settings.statusCode ?? 200,
        headers,
        maxAge: settings.maxAge ?? undefined,
        headOnly: settings.headOnly,
        safe: settings.safe,
        bufferSize: settings.bufferSize,
        precompressed: settings.precompressed,
      });
    } catch (thrown) {
      const error = toHttpError(thrown);
      if (response.headersSent) throw error;
      releaseAnswer(response);
      if (error.status === 404 && settings.notFound === 'output') send(message);
      // A file that is not there is the client's mistake; only what the flow could mend goes to its Catch.
      else if (error.status < 500 && error.code !== 'FILES_DISABLED') sendError(response, error);
      else throw error;
    }
  });
}
