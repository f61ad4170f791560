/**
 * C code that lets an addon for Windows find Node's functions in the program that
 * loads it, whatever its name (an import library knows only node.exe, and Electron
 * has another). Both kinds of call end here: calls to functions declared as imports
 * go through their pointers, the rest to a jump through the same. The pointers are
 * set when the addon is loaded.
 */
export function hostThunks(symbols) {
  // i386 puts a _ before each name, and an import has __imp_ before that.
  const hosts = symbols
    .map((symbol) => symbol.replace(/^(__imp_)?_?(?=napi_|node_api_|uv_)/, ''))
    .filter((symbol) => /^(napi|node_api|uv)_/.test(symbol))
    .toSorted();
  const names = [...new Set(hosts)];
  return `#include <windows.h>
#if defined(__i386__)
#define PREFIX "_"
#define JUMP(import) "jmp *" import "\\n"
#elif defined(__x86_64__)
#define PREFIX ""
#define JUMP(import) "jmp *" import "(%rip)\\n"
#elif defined(__aarch64__)
#define PREFIX ""
#define JUMP(import)                    \\
  "adrp x16, " import "\\n"             \\
  "ldr x16, [x16, :lo12:" import "]\\n" \\
  "br x16\\n"
#endif
#define IMPORT(name) "__imp_" PREFIX #name
#define THUNK(name)                            \\
  void *import_##name __asm__(IMPORT(name));   \\
  __asm__(".text\\n"                           \\
          ".globl " PREFIX #name "\\n"         \\
          ".p2align 4\\n"                      \\
          PREFIX #name ":\\n"                  \\
          JUMP(IMPORT(name)));
${names.map((name) => `THUNK(${name})`).join('\n')}
static const struct {
  const char *name;
  void **function;
} table[] = {
${names.map((name) => `    {"${name}", &import_${name}},`).join('\n')}
};
__attribute__((constructor(101))) static void find_host(void) {
  HMODULE host = GetModuleHandleW(L"libnode.dll");
  if (!host) host = GetModuleHandleW(NULL);
  for (unsigned i = 0; i < sizeof table / sizeof *table; i++)
    *table[i].function = (void *)GetProcAddress(host, table[i].name);
}
`;
}
