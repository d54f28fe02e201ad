package archive

import (
	"encoding/binary"
	"errors"
	"math"
	"unicode/utf8"
)

// link is a CID inside a block (https://ipld.io/specs/codecs/dag-cbor/spec/): its bytes, without the leading zero.
type link string

var errCBOR = errors.New("archive: not DAG-CBOR")

// cborReader reads one value of DAG-CBOR, the strict form of CBOR (RFC 8949) that repositories are made of.
type cborReader struct{ b []byte }

// decodeCBOR reads a block: int64, float64, string, []byte, bool, nil, link, []any and map[string]any.
func decodeCBOR(b []byte) (any, error) {
	r := cborReader{b}
	v, err := r.value(0)
	if err == nil && len(r.b) > 0 {
		err = errCBOR
	}
	return v, err
}

// head reads the kind of a value and its number.
func (r *cborReader) head() (kind byte, n uint64, err error) {
	if len(r.b) == 0 {
		return 0, 0, errCBOR
	}
	first := r.b[0]
	r.b = r.b[1:]
	kind, n = first>>5, uint64(first&0x1f)
	size := 0
	switch {
	case n < 24:
		return kind, n, nil
	case n < 28:
		size = 1 << (n - 24)
	default: // lengths that are not known have no place here
		return 0, 0, errCBOR
	}
	if len(r.b) < size {
		return 0, 0, errCBOR
	}
	var x [8]byte
	copy(x[8-size:], r.b[:size])
	r.b = r.b[size:]
	if kind == 7 {
		return kind, n, r.float(size, binary.BigEndian.Uint64(x[:]), &n)
	}
	return kind, binary.BigEndian.Uint64(x[:]), nil
}

// float leaves the bits of a floating number in n; only eight bytes are allowed.
func (r *cborReader) float(size int, bits uint64, n *uint64) error {
	if size != 8 {
		return errCBOR
	}
	*n = bits
	return nil
}

func (r *cborReader) take(n uint64) ([]byte, error) {
	if n > uint64(len(r.b)) {
		return nil, errCBOR
	}
	b := r.b[:n]
	r.b = r.b[n:]
	return b, nil
}

func (r *cborReader) value(depth int) (any, error) {
	if depth > deepest || len(r.b) == 0 {
		return nil, errCBOR
	}
	if r.b[0]>>5 == 7 {
		return r.simple()
	}
	kind, n, err := r.head()
	if err != nil {
		return nil, err
	}
	switch kind {
	case 0, 1:
		if n > math.MaxInt64 {
			return nil, errCBOR
		}
		if kind == 1 {
			return -1 - int64(n), nil
		}
		return int64(n), nil
	case 2:
		return r.take(n)
	case 3:
		b, err := r.take(n)
		if err != nil || !utf8.Valid(b) {
			return nil, errCBOR
		}
		return string(b), nil
	case 4:
		if n > uint64(len(r.b)) {
			return nil, errCBOR
		}
		out := make([]any, 0, min(n, 1024))
		for range n {
			v, err := r.value(depth + 1)
			if err != nil {
				return nil, err
			}
			out = append(out, v)
		}
		return out, nil
	case 5:
		if n > uint64(len(r.b)) {
			return nil, errCBOR
		}
		out := make(map[string]any, min(n, 64))
		for range n {
			k, err := r.value(depth + 1)
			if err != nil {
				return nil, err
			}
			name, ok := k.(string)
			if !ok {
				return nil, errCBOR
			}
			if out[name], err = r.value(depth + 1); err != nil {
				return nil, err
			}
		}
		return out, nil
	default: // 6: the only tag is 42, a link
		v, err := r.value(depth + 1)
		b, ok := v.([]byte)
		if err != nil || n != 42 || !ok || len(b) < 2 || b[0] != 0 {
			return nil, errCBOR
		}
		return link(b[1:]), nil
	}
}

func (r *cborReader) simple() (any, error) {
	first := r.b[0]
	_, n, err := r.head()
	if err != nil {
		return nil, err
	}
	switch first {
	case 0xf4, 0xf5:
		return first == 0xf5, nil
	case 0xf6:
		return nil, nil
	case 0xfb:
		return math.Float64frombits(n), nil
	}
	return nil, errCBOR
}
