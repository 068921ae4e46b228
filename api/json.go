package api

import (
	"fmt"
	"reflect"

	"github.com/bytedance/sonic"
)

// encoding is how all answers become JSON. Names of maps are sorted, so that equal states give equal bytes, and
// bytes that are not UTF-8, as in an error that quotes a program's output, become U+FFFD.
var encoding = sonic.Config{SortMapKeys: true, ValidateString: true}.Froze()

// errorAnswer is the body of an answer that refuses a definition.
type errorAnswer struct {
	Error    string          `json:"error"`
	Mistakes []mistakeAnswer `json:"mistakes"`
}

// mistakeAnswer is one mistake of a definition. Line and column count from 1, columns in characters; both are 0
// if the mistake has no place.
type mistakeAnswer struct {
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	ID      string `json:"id"`
	Message string `json:"message"`
	Hint    string `json:"hint"`
}

// pretouch compiles the encoders of all answers, so that the first request is not slower than the others.
func pretouch() error {
	for _, t := range []reflect.Type{
		reflect.TypeFor[errorAnswer](),
		reflect.TypeFor[[]listedWorkflow](),
		reflect.TypeFor[workflowAnswer](),
		reflect.TypeFor[[]limitAnswer](),
	} {
		if err := sonic.Pretouch(t); err != nil {
			return fmt.Errorf("encoder of %v: %w", t, err)
		}
	}
	return nil
}
