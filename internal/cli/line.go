package cli

import (
	"errors"
	"reflect"
	"strings"

	"github.com/spf13/pflag"

	"github.com/ponte-desk/ponte/internal/config"
)

// node is a word of the command line: a command, or what commands are grouped under. It is read from a struct, whose fields are tagged: cmd for a command below, arg for a word that has to
// follow, else a flag; name, help (a key of the catalog after cli.help.), placeholder, default, short, required, hidden, sep:"none" for a list that is said one by one; for config.Source
// said (on the command line or not at all) and secret.
type node struct {
	name, help string
	parent     *node
	children   []*node
	standard   *node // the child that is meant when none is named, or nil
	args       []*word
	flags      []*word
	target     any
}

// word is an argument or a flag.
type word struct {
	name, help, placeholder, preset, short   string
	required, hidden, said, secret, oneByOne bool
	into                                     reflect.Value
	changed                                  bool
}

// tree reads the tree of commands out of a pointer to the struct of all.
func tree(commands any) *node {
	n := &node{target: commands}
	n.read(reflect.ValueOf(commands).Elem())
	return n
}

func (n *node) read(v reflect.Value) {
	for f, into := range v.Fields() {
		if f.Anonymous {
			n.read(into)
			continue
		}
		has := func(tag string) bool { _, ok := f.Tag.Lookup(tag); return ok }
		name := f.Tag.Get("name")
		if name == "" {
			name = strings.ToLower(f.Name)
		}
		if has("cmd") {
			child := &node{name: name, help: f.Tag.Get("help"), parent: n, target: into.Addr().Interface()}
			child.read(into)
			n.children = append(n.children, child)
			if has("default") {
				n.standard = child
			}
			continue
		}
		w := &word{
			name: name, help: f.Tag.Get("help"), placeholder: f.Tag.Get("placeholder"), preset: f.Tag.Get("default"), short: f.Tag.Get("short"),
			required: has("required"), hidden: has("hidden"), said: has("said"), secret: has("secret"), oneByOne: f.Tag.Get("sep") == "none", into: into,
		}
		switch {
		case has("arg"):
			n.args = append(n.args, w)
		case has("name"):
			n.flags = append(n.flags, w)
		}
	}
}

// wrong is wrong use: a key of the catalog and what it is about.
type wrong struct{ key, name, value string }

// Error implements error.
func (w *wrong) Error() string { return w.key + " " + w.name + " " + w.value }

// parse finds the command that the arguments name and fills it: with what they say, else with what the source knows, else with what is preset. Errors: *wrong for wrong use, else a fault
// of the source.
func (n *node) parse(args []string, source *config.Source) (command, error) {
	for len(args) > 0 && len(n.children) > 0 {
		child := n.child(args[0])
		if child == nil {
			break
		}
		n, args = child, args[1:]
	}
	if n.standard != nil && (len(args) == 0 || strings.HasPrefix(args[0], "-")) {
		n = n.standard
	}
	c, ok := n.target.(command)
	if !ok {
		if len(args) > 0 {
			return nil, &wrong{key: "cli.wrong.command", name: n.path(), value: args[0]}
		}
		return nil, &wrong{key: "cli.wrong.which", name: n.path()}
	}
	rest, err := n.flagged(args)
	if err != nil {
		return nil, err
	}
	if err := n.sourced(source); err != nil {
		return nil, err
	}
	return c, n.worded(rest)
}

func (n *node) child(name string) *node {
	for _, c := range n.children {
		if c.name == name {
			return c
		}
	}
	return nil
}

// flagged takes the flags out of the arguments and gives the others.
func (n *node) flagged(args []string) ([]string, error) {
	set := pflag.NewFlagSet(n.name, pflag.ContinueOnError)
	set.Usage = func() {}
	for _, w := range n.flags {
		f := set.VarPF(w, w.name, w.short, "")
		if w.IsBool() {
			f.NoOptDefVal = "true"
		}
	}
	err := set.Parse(args)
	if err == nil {
		return set.Args(), nil
	}
	if e, ok := errors.AsType[*pflag.NotExistError](err); ok {
		return nil, &wrong{key: "cli.wrong.flag", name: dashed(e.GetSpecifiedName(), e.GetSpecifiedShortnames())}
	}
	if e, ok := errors.AsType[*pflag.ValueRequiredError](err); ok {
		return nil, &wrong{key: "cli.wrong.without", name: dashed(e.GetSpecifiedName(), e.GetSpecifiedShortnames())}
	}
	if e, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		return nil, &wrong{key: "cli.wrong.value", name: "--" + e.GetFlag().Name, value: e.GetValue()}
	}
	if e, ok := errors.AsType[*pflag.InvalidSyntaxError](err); ok {
		return nil, &wrong{key: "cli.wrong.flag", name: e.GetSpecifiedFlag()}
	}
	return nil, &wrong{key: "cli.wrong.flag", name: err.Error()}
}

func dashed(name, shorts string) string {
	if shorts != "" {
		return "-" + name
	}
	return "--" + name
}

// sourced fills the flags that the arguments did not say.
func (n *node) sourced(source *config.Source) error {
	for _, w := range n.flags { // which file it is has to be known before the others are looked up in it
		if w.name == "config" && w.changed {
			source.SetFile(w.into.String())
		}
	}
	for _, w := range n.flags {
		if w.changed {
			continue
		}
		v, found, err := "", false, error(nil)
		if !w.said {
			v, found, err = source.Find(w.name, w.secret)
		}
		if err != nil {
			return err
		}
		if !found {
			v, found = w.preset, w.preset != ""
		}
		if !found {
			if w.required {
				return &wrong{key: "cli.wrong.missing", name: "--" + w.name}
			}
			continue
		}
		if err := w.Set(v); err != nil {
			if w.secret {
				v = "…"
			}
			return &wrong{key: "cli.wrong.value", name: "--" + w.name, value: v}
		}
	}
	return nil
}

// worded fills the arguments that are no flags.
func (n *node) worded(rest []string) error {
	for _, w := range n.args {
		if len(rest) == 0 {
			return &wrong{key: "cli.wrong.missing", name: strings.ToUpper(w.name)}
		}
		if w.into.Kind() == reflect.Slice {
			w.into.Set(reflect.ValueOf(rest))
			return nil
		}
		w.into.SetString(rest[0])
		rest = rest[1:]
	}
	if len(rest) > 0 {
		return &wrong{key: "cli.wrong.argument", name: n.path(), value: rest[0]}
	}
	return nil
}

// path is how a command is called.
func (n *node) path() string {
	if n.parent == nil {
		return "ponte"
	}
	return n.parent.path() + " " + n.name
}
