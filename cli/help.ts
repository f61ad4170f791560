/** The output of `--help`, by command. */
export const helpTexts = {
  goodbyte: `Usage: goodbyte <command> [options]

Connect data, a condition function and disconnect data on sockets.

Commands:
  connect            call a server: stdin and stdout, and the four words
  listen             serve one caller in the same way
  proxy              give a plain TCP service first and last words
  probe              check the health of a server
  conformance run    run the conformance scenarios with two agents
  conformance list   list the scenarios
  conformance agent  act as an agent in a run
  conformance merge  merge the reports of several machines
  conformance diff   compare two reports
  completion         print a shell's completion script
  info               print the version, and what each provider declares
  providers          list Winsock's catalog of service providers (Windows)
  providers measure  test one where the documentation is silent (Windows)
  help               print this text, or the help of the command that follows

Options:
  -h, --help     print this text; after a command, the command's help
  -v, --version  print the version

Exit codes of "conformance run": 0 all passed, 1 a failure, 2 wrong usage,
3 nothing ran, 64 the harness broke.
`,
  connect: `Usage: goodbyte connect [options] HOST PORT
       goodbyte connect [options] HOST:PORT | PATH

Connects stdin and stdout to a goodbyte server. Callee data, reject data and the
server's last word go to stderr. At the end of stdin our last word is sent.

Options:
  --caller-data TEXT  the first word, which the server decides on
  --last-word TEXT    the last word; the answer, if the server ends first
  --message           send each line as a message, print messages as lines
  --timeout MS        limit for the server's verdict (75000)
  --idle-timeout MS   give up on a peer silent for this long (1000 or more)
  --tls               use TLS, with the certificates that Node trusts
  --ca FILE           trust these certificates instead
  --servername NAME   the name in the certificate, if it is not HOST
  --json              print events on stderr as JSON, one per line
  --quiet             print nothing on stderr
  -h, --help          print this text

Exit codes: 0 both sides said goodbye, 10 refused, 11 reset, 12 timed out,
13 cut: an end without a goodbye, 1 any other failure, 2 wrong usage.
`,
  listen: `Usage: goodbyte listen [options] PORT
       goodbyte listen [options] HOST:PORT | PATH

Serves one caller with stdin and stdout, then ends; meanwhile it refuses others.
The caller's data and last word go to stderr.

Options:
  --answer TEXT       the answer to the caller's last word, or ours
  --callee-data TEXT  sent with the acceptance
  --exec COMMAND      serve each caller with this shell command, until a signal;
                      it finds the caller's data in GOODBYTE_CALLER_DATA, and
                      a non-zero exit code resets the connection
  --reject TEXT       refuse every caller with this reason, until a signal
  --message           send each line as a message, print messages as lines
  --idle-timeout MS   give up on a peer silent for this long (1000 or more)
  --cert FILE         use TLS, with this certificate
  --key FILE          and its key
  --json              print events on stderr as JSON, one per line
  --quiet             print nothing on stderr
  -h, --help          print this text

Exit codes: those of "goodbyte connect".
`,
  proxy: `Usage: goodbyte proxy [options] LISTEN TARGET

Takes goodbyte callers at LISTEN and connects each to the plain TCP service at
TARGET; LISTEN and TARGET are HOST:PORT, PORT or a path. While the service is
away, callers are refused with a reason. At SIGINT or SIGTERM every caller gets a
last word.

Options:
  --caller-data TEXT  accept only callers that send this; may be repeated
  --allow-plain       accept plain callers as well
  --plain-callers     the other way around: plain callers at LISTEN, a goodbyte
                      server at TARGET, which receives --caller-data
  --last-word TEXT    sent at shutdown (the proxy is shutting down)
  --away TEXT         the reason while TARGET is away (the service is away)
  --timeout MS        limit for connecting to TARGET (5000)
  --deadline MS       limit for answers at shutdown (10000)
  --idle-timeout MS   give up on a peer silent for this long (1000 or more)
  --cert FILE         use TLS at LISTEN, with this certificate
  --key FILE          and its key
  --tls               use TLS to TARGET, with the certificates that Node trusts
  --ca FILE           trust these certificates instead
  --servername NAME   the name in the certificate, if it is not TARGET's host
  --json              print events on stderr as JSON, one per line
  --quiet             print nothing on stderr
  -h, --help          print this text

Exit codes: 0 stopped by a signal, 1 cannot listen, 2 wrong usage.
`,
  probe: `Usage: goodbyte probe [options] HOST PORT
       goodbyte probe [options] HOST:PORT | PATH

Connects to a goodbyte server, says goodbye, and prints the protocol, the TLS
version and certificate, the limit of last words, and how long both took.

Options:
  --caller-data TEXT  the first word, which the server decides on
  --message           as a message-oriented socket
  --timeout MS        limit for the verdict, and for the goodbye (5000)
  --tls               use TLS, with the certificates that Node trusts
  --ca FILE           trust these certificates instead
  --servername NAME   the name in the certificate, if it is not HOST
  --json              print JSON, one line per event
  --quiet             print nothing
  -h, --help          print this text

Exit codes: those of "goodbyte connect".
`,
  conformance: `Usage: goodbyte conformance <command> [options]

Checks connect data, conditional accept and disconnect data, in this
implementation or in yours.

Commands:
  run    run the scenarios with two agents
  list   list the scenarios
  agent  act as an agent in a run
  merge  merge the reports of several machines
  diff   compare two reports

"goodbyte conformance COMMAND --help" lists its options. Begin with

  goodbyte conformance run --scenario "eight-steps*"
`,
  run: `Usage: goodbyte conformance run [options]

Runs scenarios with two agents, a client and a server: each in every order
that its partial order allows, then free-running.

Selection:
  --scenario GLOB       only cases whose own or scenario's id matches; with "!"
                        in front, all but those. May be repeated
  --scenarios DIR       the scenarios in this folder, not the built-in ones
  --family FAMILY       IPv4, IPv6, unix or tls; may be repeated
  --case-list N         exactly the cases in a frozen list
  --max-orders N        force at most N orders of a case (64)
  --seed N              seed that draws the orders if there are more (1)
  --repeat N            run everything N times (1)
  --list                print the plan, and run nothing

Agents:
  --provider NAME       the provider that our own agents drive: framed; on
                        Windows also winsock2, winsock2:ID (an entry of the
                        catalog) or winsock2:PATH (a provider's DLL)
  --client COMMAND      the client's agent
  --server COMMAND      the server's agent
  --in-process          our own agents, in this process
  --timeout MS          the limit of each step (10000)
  --jobs N              runs side by side, each with agents of its own (twice
                        the processors, 8 at most, fewer for few runs)

Results:
  --strict              NON-STRICT is a failure too, and so is a line of the
                        known failures that matches no case
  --known-failing FILE  cases that are known to fail, one per line: an id or a
                        glob, then the reason
  --report LIST         console (the default), tap, tap13 (as prove reads it),
                        junit, json, html, github (annotations): several with
                        commas, each with =FILE unless it is for stdout
  --json                short for --report json
  --quiet               print only failures and counts, and no progress
  --name NAME           the report's name for this machine and these agents
  -h, --help            print this text

COMMAND is a command line that starts an agent, which then speaks over its
stdin and stdout. "tcp:COMMAND" starts one that connects back to the runner,
at GOODBYTE_AGENT_CONNECT with GOODBYTE_AGENT_TOKEN; "tcp:" alone waits for one
that is started by hand. By default it is our own agent, in its own process.
`,
  list: `Usage: goodbyte conformance list [options]

Lists scenarios: id, level, numbers of cases and of runs, title; with --json,
their cases.

Options:
  --scenario GLOB   only cases whose id matches; with "!" in front, all but
                    those. May be repeated
  --scenarios DIR   the scenarios in this folder, not the built-in ones
  --family FAMILY   IPv4, IPv6, unix or tls; may be repeated
  --case-list N     the cases of a frozen list
  --json            print only JSON, on stdout
  -h, --help        print this text
`,
  agent: `Usage: goodbyte conformance agent [options]

Executes a runner's requests and reports the results, over stdin and stdout or
over a connection to the runner.

Options:
  --provider NAME       the provider to drive
  --connect HOST:PORT   connect to a runner (or GOODBYTE_AGENT_CONNECT)
  --token TOKEN         the runner's token (or GOODBYTE_AGENT_TOKEN)
  --host ADDRESS        address to listen on (or GOODBYTE_AGENT_HOST; loopback)
  --fault NAME          misbehave on purpose, to see the suite notice
  -h, --help            print this text
`,
  merge: `Usage: goodbyte conformance merge [options] FILE...

Merges reports from "run --report json=FILE", of several machines or pairs of
agents, and shows where they differ. Exit code 1 if one of them failed.

Options:
  --expect NAME   exit with code 1, and say so, if no report has this name.
                  May be repeated
  --report LIST   console (the default), tap, tap13, junit, json, html, github:
                  several with commas, each with =FILE unless for stdout
  --json          short for --report json
  -h, --help      print this text
`,
  diff: `Usage: goodbyte conformance diff [options] BEFORE AFTER

Compares two reports from "run --report json=FILE", regressions first. Exit code
0 if nothing changed, 1 if something did.

Options:
  --json      print only JSON, on stdout
  -h, --help  print this text
`,
  providers: `Usage: goodbyte providers [options]

Lists Winsock's catalog of service providers: id, name, family, type, protocol,
service flags, chain, and the path of the DLL.

Options:
  --provider NAME  only this provider: winsock2:ID (an entry), or winsock2:PATH
                   (a DLL, which need not be installed)
  --json           print only JSON, on stdout
  -h, --help       print this text
`,
  measure: `Usage: goodbyte providers measure [options]

Tests, on the loopback address, how a provider of TCP over IPv4 behaves where
Winsock's documentation leaves it open, and prints the results as a table.

Options:
  --provider NAME  winsock2:ID or winsock2:PATH; the first entry if absent
  --json           print only JSON, on stdout
  -h, --help       print this text
`,
  completion: `Usage: goodbyte completion bash|zsh|fish

Prints a script that completes goodbyte's commands and options; load it with
source <(goodbyte completion bash).
`,
  info: `Usage: goodbyte info [--json]

Prints the version, the runtime, and what each provider declares.
`,
} as const;
