package cli

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/ponte-desk/ponte/internal/config"
)

// asksHelp tells whether a command line asks for help, and gives the words that name the command.
func asksHelp(args []string) (words []string, asked bool) {
	for _, a := range args {
		switch {
		case a == "--":
			return words, asked
		case a == "--help" || a == "-h":
			asked = true
		case !strings.HasPrefix(a, "-"):
			words = append(words, a)
		}
	}
	if len(words) > 0 && words[0] == "help" {
		return words[1:], true
	}
	return words, asked || len(args) == 0
}

// help shows how a command is used, in the language of the terminal.
func (s *session) help(n *node, words []string) int {
	for _, w := range words {
		child := n.child(w)
		if child == nil {
			break
		}
		n = child
	}
	told := func(key string) string { return s.words.T("cli.help." + key) }
	usage := n.path()
	for _, a := range n.args {
		usage += " " + strings.ToUpper(a.name)
	}
	if len(n.children) > 0 {
		usage += " " + s.words.T("cli.usage.command")
	}
	if len(n.flags) > 0 {
		usage += " [" + s.words.T("cli.usage.flags") + "]"
	}
	about := s.words.T("cli.about")
	if n.help != "" {
		about = told(n.help)
	}
	fmt.Fprintf(s.Out, "%s\n\n%s: %s\n", about, s.words.T("cli.usage"), usage)
	for _, a := range n.args {
		fmt.Fprintf(s.Out, "\n  %-34s %s\n", strings.ToUpper(a.name), told(a.help))
	}
	if len(n.children) > 0 {
		fmt.Fprintf(s.Out, "\n%s:\n", s.words.T("cli.usage.commands"))
		for _, c := range n.children {
			fmt.Fprintf(s.Out, "  %-10s %s\n", c.name, told(c.help))
		}
	}
	if len(n.flags) > 0 {
		fmt.Fprintf(s.Out, "\n%s:\n", s.words.T("cli.usage.flags"))
		for _, f := range n.flags {
			s.helpFlag(f)
		}
	}
	if n.parent == nil {
		fmt.Fprintf(s.Out, "\n%s\n", s.words.T("cli.usage.more"))
	}
	return Fine
}

func (s *session) helpFlag(f *word) {
	if f.hidden {
		return
	}
	name := "--" + f.name
	if !f.IsBool() {
		name += " " + cmp.Or(f.placeholder, strings.ToUpper(f.name))
	}
	text := s.words.T("cli.help." + f.help)
	if f.preset != "" && f.preset != "0" {
		text += " " + s.words.T("cli.usage.default", "value", f.preset)
	}
	fmt.Fprintf(s.Out, "  %-34s %s\n", name, text)
	if f.said { // on the command line or not at all
		return
	}
	env := config.Variable(f.name)
	if f.secret {
		env += ", " + env + "_FILE"
	}
	fmt.Fprintf(s.Out, "  %-34s   [%s]\n", "", env)
}
