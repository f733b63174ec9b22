export class Lockout {
  constructor(_options: { limit: number }) {}
  blocked(_address: string): number {
    return 0;
  }
  fail(_address: string, _name?: string): void {}
  succeed(_address: string, _name: string): void {}
}
