package main

import (
	"cmp"
	"fmt"

	"github.com/spf13/cobra"
)

// The groups of commands in the help, in the order in which a case is worked.
const (
	groupCase   = "case"
	groupRecord = "record"
	groupAsk    = "ask"
	groupServe  = "serve"
	groupTrust  = "trust"
	groupKeep   = "keep"
)

// root is the whole tree of commands.
func (p *program) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "clew",
		Short: "Where is a scam victim's money, and who can still stop it",
		Long: `Where is a scam victim's money, and who can still stop it?

clew records what statements, exports and victims say about payments, and traces each victim's money
through every account by the rules that courts know. Nothing that was recorded is ever changed: a correction
is another record, and every answer can be asked as of any day.

Exit codes: 0 done · 1 rows were rejected or in conflict (all others are recorded), or --strict found money
that nobody can explain · 2 usage · 3 not found · 4 conflict · 5 denied · 6 input and output, disk full ·
7 the log is damaged · 130 interrupted.`,
		Example: `  clew demo
  clew case open C1 --title "The lost savings"
  clew import statement.csv --case C1
  clew trace C1`,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.AddGroup(&cobra.Group{ID: groupCase, Title: "Work on a case:"}, &cobra.Group{ID: groupRecord, Title: "Record what people say and decide:"},
		&cobra.Group{ID: groupAsk, Title: "Ask where the money is:"}, &cobra.Group{ID: groupServe, Title: "Serve it to browsers and programs:"}, &cobra.Group{ID: groupTrust, Title: "Let outsiders check it:"}, &cobra.Group{ID: groupKeep, Title: "The store and this program:"})
	root.SetOut(p.out)
	root.SetErr(p.err)
	p.globals(root)
	if !p.often(root) {
		p.branches(root)
	}
	return root
}

func (p *program) globals(root *cobra.Command) {
	flags := root.PersistentFlags()
	flags.StringVar(&p.store, "store", cmp.Or(p.getenv("CLEW_STORE"), defaultStore), "the log: sqlite:PATH (or set CLEW_STORE)")
	flags.Lookup("store").DefValue = defaultStore
	flags.StringVar(&p.actor, "actor", p.getenv("CLEW_ACTOR"), "who does it; kept with every record (or set CLEW_ACTOR; default: the operating system's user)")
	flags.Lookup("actor").DefValue = ""
	flags.StringVar(&p.key, "key", "", "idempotency key: the same command under the same key is carried out once, for ever")
	flags.StringVarP(&p.output, "output", "o", string(asTable), "form of the answer: table, json, csv")
	flags.BoolVar(&p.json, "json", false, "the same as --output json")
	flags.StringVar(&p.mechanisms, "mechanisms", p.getenv("CLEW_MECHANISMS"), "the installation's own mechanisms by which money can be stopped, a YAML file (or set CLEW_MECHANISMS)")
	flags.Lookup("mechanisms").DefValue = ""
	flags.StringVar(&p.sealKeyFile, "seal-key", p.getenv("CLEW_SEAL_KEY"), "the file with the key that signs checkpoints (or set CLEW_SEAL_KEY; default: STORE.seal-key)")
	flags.Lookup("seal-key").DefValue = ""
	flags.StringVar(&p.keys, "vault", p.getenv("CLEW_VAULT"), "the file with the keys of personal data and evidence (or set CLEW_VAULT; default: the log's path and .keys)")
	flags.Lookup("vault").DefValue = ""
	flags.StringVar(&p.passphrase, "vault-passphrase-file", p.getenv("CLEW_VAULT_PASSPHRASE_FILE"), "a file whose first line is the passphrase that protects the keys (or set CLEW_VAULT_PASSPHRASE_FILE)")
	flags.Lookup("vault-passphrase-file").DefValue = ""
	flags.StringVar(&p.keyFile, "vault-key-file", p.getenv("CLEW_VAULT_KEY_FILE"), "the file that protects the keys (or set CLEW_VAULT_KEY_FILE)")
	flags.Lookup("vault-key-file").DefValue = ""
	flags.StringVar(&p.why, "why", p.getenv("CLEW_WHY"), "the purpose, kept in the log of reads (or set CLEW_WHY)")
	flags.Lookup("why").DefValue = ""
	flags.BoolVar(&p.strict, "strict", false, "exit with 1 where money is unexplained, records are missing or a statement does not add up")
	flags.StringVar(&p.cpuProfile, "cpuprofile", "", "write to this file where the processors' time went; 'go tool pprof FILE' shows it")
	flags.StringVar(&p.memProfile, "memprofile", "", "write to this file what memory was asked for; 'go tool pprof FILE' shows it")
}

// branches hangs every command into the tree.
func (p *program) branches(root *cobra.Command) {
	p.add(root, groupCase, p.caseCommands(), p.importCommand(), p.matchCommand(), p.freezeCommands(), p.evidenceCommands(), p.demoCommand())
	p.add(root, groupRecord, p.paymentCommands(), p.movementCommands(), p.accountCommands(), p.victimCommands(),
		p.labelCommands(), p.assetCommands(), p.rateCommands(), p.ruleCommands(), p.reimbursementCommands(), p.personCommands(), p.identifierCommands(), p.privacyCommands())
	p.add(root, groupRecord, p.scamCommands(), p.operationCommands(), p.noticeCommands(), p.centreCommands())
	p.add(root, groupAsk, p.traceCommand(), p.whereCommand(), p.ledgerCommand(), p.explainCommand(), p.rulesCommand(),
		p.timelineCommand(), p.diffCommand(), p.reportCommand(), p.targetsCommand(), p.mulesCommand(), p.linksCommand(), p.totalsCommand(), p.exportCommand())
	p.add(root, groupAsk, p.statsCommands())
	p.add(root, groupServe, p.serveCommand(), p.hookCommands(), p.userCommands(), p.tokenCommands())
	p.add(root, groupTrust, p.verifyCommand(), p.checkpointCommand(), p.proveCommand(), p.witnessCommand(), p.bundleCommand(), p.keyCommands())
	p.add(root, groupKeep, p.backupCommand(), p.restoreCommand(), p.rebuildCommand(), p.projectionsCommand(), p.vaultCommands(), p.readsCommand(), p.formatsCommand(), p.templateCommand(), p.versionCommand())
	root.SetHelpCommandGroupID(groupKeep)
	root.SetCompletionCommandGroupID(groupKeep)
}

func (p *program) add(root *cobra.Command, group string, commands ...*cobra.Command) {
	for _, c := range commands {
		c.GroupID = group
		root.AddCommand(c)
	}
}

// branch is a noun: it does nothing itself, its verbs do.
func (p *program) branch(noun, short string, verbs ...*cobra.Command) *cobra.Command {
	b := &cobra.Command{Use: noun, Short: short, Example: verbs[0].Example}
	b.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return fmt.Errorf("'%s' needs one of its commands: %s", cmd.CommandPath(), verbsOf(cmd))
		}
		return fmt.Errorf("'%s' has no command %q: it has %s", cmd.CommandPath(), args[0], verbsOf(cmd))
	}
	b.AddCommand(verbs...)
	return b
}

func verbsOf(cmd *cobra.Command) string {
	text := ""
	for i, verb := range cmd.Commands() {
		if i > 0 {
			text += ", "
		}
		text += verb.Name()
	}
	return text
}
