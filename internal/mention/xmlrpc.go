package mention

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/ponte-desk/ponte/internal/text"
)

// Code is the number of a fault of XML-RPC.
type Code int

// The faults of Pingback 1.0, section 3, and those that XML-RPC servers agreed on for calls that make no sense
// ("Specification for Fault Code Interoperability").
const (
	FaultOther      Code = 0      // none of the others
	FaultNoSource   Code = 0x0010 // the source does not exist
	FaultNoLink     Code = 0x0011 // the source does not link to the target
	FaultNoTarget   Code = 0x0020 // the target does not exist
	FaultTarget     Code = 0x0021 // the target is no page that can be linked
	FaultKnown      Code = 0x0030 // it was told before
	FaultDenied     Code = 0x0031 // access denied
	FaultUpstream   Code = 0x0032 // another server was needed and failed
	FaultNotXML     Code = -32700
	FaultNotACall   Code = -32600
	FaultMethod     Code = -32601
	FaultParameters Code = -32602
)

// Fault is how an XML-RPC server says no.
type Fault struct {
	Code Code
	Text string
}

// Error implements error.
func (f *Fault) Error() string { return fmt.Sprintf("mention: fault %d: %s", f.Code, f.Text) }

// PingbackMethod is the one method of Pingback.
const PingbackMethod = "pingback.ping"

// Bounds of what is read of XML.
const (
	mostXML   = 64 << 10
	mostDepth = 16
)

// Call is a call of a method. A parameter is a string, int, bool, float64, []any, map[string]any, or nil.
type Call struct {
	Method string
	Params []any
}

// Strings gives the parameters when they are n strings, else a fault.
func (c Call) Strings(n int) ([]string, error) {
	out := make([]string, 0, n)
	for _, p := range c.Params {
		if s, ok := p.(string); ok {
			out = append(out, s)
		}
	}
	if len(out) != n || len(c.Params) != n {
		return nil, &Fault{FaultParameters, "Invalid method parameters."}
	}
	return out, nil
}

// ReadCall reads a call, at most 64 KiB. Its errors are faults to answer with.
func ReadCall(r io.Reader) (Call, error) {
	x, err := newXML(r)
	if err == nil {
		err = x.open("methodCall")
	}
	if err != nil {
		return Call{}, notXML(err)
	}
	var c Call
	for {
		name, err := x.next()
		switch {
		case err != nil:
			return Call{}, notXML(err)
		case name == "":
			if c.Method == "" {
				return Call{}, &Fault{FaultNotACall, "Invalid XML-RPC request: no method."}
			}
			return c, nil
		case name == "methodName":
			if c.Method, err = x.text(); err != nil {
				return Call{}, notXML(err)
			}
			c.Method = strings.TrimSpace(c.Method)
		case name == "params":
			if c.Params, err = x.params(); err != nil {
				return Call{}, notXML(err)
			}
		default:
			if err := x.d.Skip(); err != nil {
				return Call{}, notXML(err)
			}
		}
	}
}

func notXML(err error) error {
	if errors.Is(err, errOther) {
		return &Fault{FaultNotACall, "Invalid XML-RPC request."}
	}
	return &Fault{FaultNotXML, "Parse error: not well formed."}
}

// ReadReply reads what a server answered: its text, or a *Fault. Any other error means that it makes no sense.
func ReadReply(r io.Reader) (string, error) {
	said, err := readReply(r)
	if err != nil {
		return "", fmt.Errorf("mention.ReadReply: %w", err)
	}
	return said, nil
}

func readReply(r io.Reader) (string, error) {
	x, err := newXML(r)
	if err == nil {
		err = x.open("methodResponse")
	}
	if err != nil {
		return "", err
	}
	name, err := x.next()
	switch {
	case err != nil:
		return "", err
	case name == "params":
		all, err := x.params()
		if err != nil {
			return "", err
		}
		if len(all) == 0 {
			return "", nil
		}
		s, _ := all[0].(string)
		return s, nil
	case name == "fault":
		if err := x.open("value"); err != nil {
			return "", err
		}
		v, err := x.value(0)
		if err != nil {
			return "", err
		}
		m, _ := v.(map[string]any)
		f := &Fault{}
		f.Text, _ = m["faultString"].(string)
		switch code := m["faultCode"].(type) {
		case int:
			f.Code = Code(code)
		case string: // some servers forget the type
			n, err := strconv.Atoi(strings.TrimSpace(code))
			if err != nil {
				return "", errXML
			}
			f.Code = Code(n)
		default:
			return "", errXML
		}
		return "", f
	}
	return "", errXML
}

var (
	errXML   = errors.New("mention: not what XML-RPC looks like")
	errOther = errors.New("mention: XML of another kind")
)

// xmlReader reads the elements of XML-RPC one by one, without documents' own entities.
type xmlReader struct{ d *xml.Decoder }

func newXML(r io.Reader) (*xmlReader, error) {
	b, err := io.ReadAll(io.LimitReader(r, mostXML+1))
	if err != nil {
		return nil, err
	}
	if len(b) > mostXML {
		return nil, errXML
	}
	d := xml.NewDecoder(bytes.NewReader(bytes.TrimLeft(bytes.TrimPrefix(b, []byte("\ufeff")), " \t\r\n")))
	d.CharsetReader = func(label string, r io.Reader) (io.Reader, error) { return text.Decode(r, label), nil }
	return &xmlReader{d}, nil
}

// token gives the next start, end or text; documents that declare entities are refused.
func (x *xmlReader) token() (xml.Token, error) {
	for {
		t, err := x.d.Token()
		if err != nil {
			return nil, err
		}
		switch t := t.(type) {
		case xml.StartElement, xml.EndElement:
			return t, nil
		case xml.CharData:
			return t.Copy(), nil
		case xml.Directive:
			return nil, errXML
		}
	}
}

// next gives the name of the next element inside the open one, "" at its end.
func (x *xmlReader) next() (string, error) {
	for {
		t, err := x.token()
		if err != nil {
			return "", err
		}
		switch t := t.(type) {
		case xml.StartElement:
			return t.Name.Local, nil
		case xml.EndElement:
			return "", nil
		case xml.CharData:
			if len(bytes.TrimSpace(t)) > 0 {
				return "", errXML
			}
		}
	}
}

// open reads up to the start of an element that must come next.
func (x *xmlReader) open(name string) error {
	got, err := x.next()
	if err == nil && got != name {
		err = errOther
	}
	return err
}

// text reads what the open element holds, to its end.
func (x *xmlReader) text() (string, error) {
	var b strings.Builder
	for {
		t, err := x.token()
		if err != nil {
			return "", err
		}
		switch t := t.(type) {
		case xml.CharData:
			b.Write(t)
		case xml.EndElement:
			return b.String(), nil
		default:
			return "", errXML
		}
	}
}

// params reads the parameters up to the end of params.
func (x *xmlReader) params() ([]any, error) {
	var out []any
	for {
		name, err := x.next()
		if err != nil || name == "" {
			return out, err
		}
		if name != "param" {
			return nil, errXML
		}
		if err := x.open("value"); err != nil {
			return nil, err
		}
		v, err := x.value(0)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
		if name, err = x.next(); err != nil || name != "" {
			return nil, errors.Join(err, errXML)
		}
	}
}

// value reads what the open value holds, to its end.
func (x *xmlReader) value(depth int) (any, error) {
	if depth > mostDepth {
		return nil, errXML
	}
	var b strings.Builder
	for {
		t, err := x.token()
		if err != nil {
			return nil, err
		}
		switch t := t.(type) {
		case xml.CharData:
			b.Write(t)
		case xml.EndElement:
			return b.String(), nil // a value without a type is a string
		case xml.StartElement:
			v, err := x.typed(t.Name.Local, depth)
			if err != nil {
				return nil, err
			}
			if name, err := x.next(); err != nil || name != "" {
				return nil, errors.Join(err, errXML)
			}
			return v, nil
		}
	}
}

// typed reads a value of a type, to the type's end.
func (x *xmlReader) typed(kind string, depth int) (any, error) {
	switch kind {
	case "struct":
		return x.structure(depth)
	case "array":
		return x.array(depth)
	}
	s, err := x.text()
	if err != nil {
		return nil, err
	}
	trimmed := strings.TrimSpace(s)
	switch kind {
	case "string", "dateTime.iso8601":
		return s, nil
	case "int", "i4", "i8":
		return strconv.Atoi(trimmed)
	case "boolean":
		return trimmed == "1" || trimmed == "true", nil
	case "double":
		return strconv.ParseFloat(trimmed, 64)
	case "base64":
		b, err := base64.StdEncoding.DecodeString(trimmed)
		return string(b), err
	case "nil":
		return nil, nil //nolint:nilnil // this is what it says
	}
	return nil, errXML
}

func (x *xmlReader) structure(depth int) (any, error) {
	out := map[string]any{}
	for {
		name, err := x.next()
		if err != nil || name == "" {
			return out, err
		}
		if name != "member" {
			return nil, errXML
		}
		if err := x.open("name"); err != nil {
			return nil, err
		}
		key, err := x.text()
		if err != nil {
			return nil, err
		}
		if err := x.open("value"); err != nil {
			return nil, err
		}
		if out[strings.TrimSpace(key)], err = x.value(depth + 1); err != nil {
			return nil, err
		}
		if name, err = x.next(); err != nil || name != "" {
			return nil, errors.Join(err, errXML)
		}
	}
}

func (x *xmlReader) array(depth int) (any, error) {
	if err := x.open("data"); err != nil {
		return nil, err
	}
	out := []any{}
	for {
		name, err := x.next()
		if err != nil {
			return nil, err
		}
		if name == "" {
			name, err = x.next() // the end of the array itself
			if err == nil && name != "" {
				err = errXML
			}
			return out, err
		}
		if name != "value" {
			return nil, errXML
		}
		v, err := x.value(depth + 1)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
}

const xmlHead = `<?xml version="1.0" encoding="UTF-8"?>` + "\n"

// XML writes a call whose parameters are strings.
func (c Call) XML() []byte {
	var b bytes.Buffer
	b.WriteString(xmlHead + "<methodCall><methodName>" + escape(c.Method) + "</methodName><params>")
	for _, p := range c.Params {
		s, _ := p.(string)
		b.WriteString("<param><value><string>" + escape(s) + "</string></value></param>")
	}
	b.WriteString("</params></methodCall>\n")
	return b.Bytes()
}

// PingbackReply writes the answer of a server that says yes.
func PingbackReply(said string) []byte {
	return []byte(xmlHead + "<methodResponse><params><param><value><string>" + escape(said) + "</string></value></param></params></methodResponse>\n")
}

// XML writes the answer of a server that says no.
func (f *Fault) XML() []byte {
	return []byte(xmlHead + "<methodResponse><fault><value><struct><member><name>faultCode</name><value><int>" + strconv.Itoa(int(f.Code)) +
		"</int></value></member><member><name>faultString</name><value><string>" + escape(f.Text) + "</string></value></member></struct></value></fault></methodResponse>\n")
}

func escape(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a strings.Builder never fails
	return b.String()
}
