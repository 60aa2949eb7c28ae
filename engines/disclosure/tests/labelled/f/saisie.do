input str8 id byte age int salaire
"a01" 45 23100
"a02" 52 31800
"a03" 38 18500
"a04" 61 27250
end
save tmp, replace
