package cli

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

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
func (s *session) help(k *kong.Kong, words []string) int {
	node := k.Model.Node
	for _, w := range words {
		i := slices.IndexFunc(node.Children, func(c *kong.Node) bool { return c.Name == w })
		if i < 0 {
			break
		}
		node = node.Children[i]
	}
	usage := "ponte"
	if node.Parent != nil {
		usage = "ponte " + strings.TrimPrefix(node.Path(), "ponte ")
	}
	for _, p := range node.Positional {
		usage += " " + strings.ToUpper(p.Name)
	}
	if len(node.Children) > 0 {
		usage += " " + s.words.T("cli.usage.command")
	}
	if len(node.Flags) > 0 {
		usage += " [" + s.words.T("cli.usage.flags") + "]"
	}
	about := cmp.Or(node.Help, s.words.T("cli.about"))
	fmt.Fprintf(s.Out, "%s\n\n%s: %s\n", about, s.words.T("cli.usage"), usage)
	for _, p := range node.Positional {
		fmt.Fprintf(s.Out, "\n  %-34s %s\n", strings.ToUpper(p.Name), p.Help)
	}
	if len(node.Children) > 0 {
		fmt.Fprintf(s.Out, "\n%s:\n", s.words.T("cli.usage.commands"))
		for _, c := range node.Children {
			fmt.Fprintf(s.Out, "  %-10s %s\n", c.Name, c.Help)
		}
	}
	if len(node.Flags) > 0 {
		fmt.Fprintf(s.Out, "\n%s:\n", s.words.T("cli.usage.flags"))
		for _, f := range node.Flags {
			if f.Hidden {
				continue
			}
			name := "--" + f.Name
			if !f.IsBool() {
				name += " " + cmp.Or(f.PlaceHolder, strings.ToUpper(f.Name))
			}
			env := config.Variable(f.Name)
			if f.Tag.Has("secret") {
				env += ", " + env + "_FILE"
			}
			text := f.Help
			if f.Default != "" && f.Default != "0" {
				text += " " + s.words.T("cli.usage.default", "value", f.Default)
			}
			if f.Tag.Has("said") { // on the command line or not at all
				fmt.Fprintf(s.Out, "  %-34s %s\n", name, text)
				continue
			}
			fmt.Fprintf(s.Out, "  %-34s %s\n  %-34s   [%s]\n", name, text, "", env)
		}
	}
	if node.Parent == nil {
		fmt.Fprintf(s.Out, "\n%s\n", s.words.T("cli.usage.more"))
	}
	return Fine
}
