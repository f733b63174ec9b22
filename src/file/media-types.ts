export class MediaTypes {
  constructor(readonly_: unknown) {
    void readonly_;
  }
  forFilename(_n: string): string {
    return 'text/plain';
  }
}
