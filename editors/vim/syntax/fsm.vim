" SPDX-License-Identifier: Apache-2.0
" Vim syntax of fsm-gen's specifications (docs/FSM_GEN.md). The words are those of tools/fsm-gen/lexer.l;
" the test fsm_users_editors compares them.
if exists('b:current_syntax')
  finish
endif

" words of the language, one group each
syntax keyword fsmStructure machine state choice event timer set guard action project check
syntax keyword fsmHeader prefix context include types queue
syntax keyword fsmModifier initial final resting max every internal acquires releases
syntax keyword fsmHandler on entry exit arm restart post otherwise else outer allow
syntax keyword fsmVerdict ignore defer unexpected
syntax keyword fsmPromise always_reachable leads_to

syntax match fsmNumber '\<\d\+\>'
syntax match fsmOperator '->\|&&\|||\|!\|/\|='
syntax region fsmString start=+"+ end=+"+ oneline
syntax region fsmComment start='/\*' end='\*/' contains=@Spell
syntax match fsmComment '//.*$' contains=@Spell
syntax match fsmDoc '///\%(/\)\@!.*$' contains=@Spell

highlight default link fsmStructure Structure
highlight default link fsmHeader PreProc
highlight default link fsmModifier StorageClass
highlight default link fsmHandler Statement
highlight default link fsmVerdict Exception
highlight default link fsmPromise Keyword
highlight default link fsmNumber Number
highlight default link fsmOperator Operator
highlight default link fsmString String
highlight default link fsmComment Comment
highlight default link fsmDoc SpecialComment

let b:current_syntax = 'fsm'
