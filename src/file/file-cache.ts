export class FileCache {}
